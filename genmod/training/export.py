"""Saving what a training leaves for others: LiteRT models for the app, a Keras model to take home."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import flatbuffers
import keras
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from genmod.models.registry import GenerativeModel
from genmod.system import files
from genmod.system.quiet import quiet


def export(model: GenerativeModel, folder: Path) -> None:
    """Write every exported model of a run, each file whole or not at all."""
    for name, (part, outputs) in model.exports().items():
        write_litert(part, folder / f"{name}.tflite", outputs)
    with files.replacing(folder / "model.keras") as temporary:
        model.take_home().save(temporary)


def write_litert(part: keras.Model, path: Path, outputs: Sequence[str], half: bool = False) -> None:
    """Write one network as a LiteRT model whose outputs have these names.

    Args:
        half: keep its weights in half precision; they are still multiplied in single precision.
    """
    smaller = {"optimizations": [tf.lite.Optimize.DEFAULT], "target_spec": {"supported_types": [tf.float16]}}
    with files.replacing(path) as temporary:
        with quiet():
            part.export(str(temporary), format="litert", verbose=False, **(smaller if half else {}))
        temporary.write_bytes(name_outputs(temporary.read_bytes(), outputs))


def name_outputs(content: bytes, outputs: Sequence[str]) -> bytes:
    """Give a LiteRT model's outputs the names and the order of `outputs`.

    Keras calls them `output_0`, `output_1` and so on, and the converter may change their order.
    """
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    signature = sorted(model.signatureDefs[0].outputs, key=lambda item: int(item.name.rpartition(b"_")[2]))
    for item, name in zip(signature, outputs, strict=True):
        item.name = name
    model.subgraphs[0].outputs = [item.tensorIndex for item in signature]
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())
