"""Networks as plain data for browsers: what is read of the files, and what is said of those that cannot be read."""

from __future__ import annotations

import inspect
import json
import random
import struct
from pathlib import Path

import numpy as np
import pytest

from genmod import kinds, runs
from genmod.errors import RunError
from genmod.inference import graphs
from genmod.kinds import VAEConfig

SHIPPED = runs.shipped().runs()


def content(run_id: str, name: str) -> bytes:
    return runs.find(run_id).exported(name).read_bytes()


def test_a_dense_decoder_is_its_layers_in_order() -> None:
    graph = graphs.read(content("fashion-vae-map", "decoder.tflite"), "decoder.tflite")
    assert [one["op"] for one in graph.operations] == [
        "dense", "gelu", "dense", "gelu", "dense", "gelu", "dense", "sigmoid",
    ]  # fmt: skip
    assert [one["rows"] for one in graph.operations if one["op"] == "dense"] == [64, 96, 192, 784]
    assert graph.sizes[graph.inputs["values"]] == 2
    assert [graph.sizes[number] for number in graph.outputs] == [784]
    assert graph.weights.size == 2 * 64 + 64 + 64 * 96 + 96 + 96 * 192 + 192 + 192 * 784 + 784


def test_a_convolutional_vae_is_read(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    from genmod.models import registry
    from genmod.training.export import export

    config = VAEConfig(architecture="conv", filters=(3, 2), hidden_units=(5,), activation="gelu")
    model = registry.build(config)
    for variable in model.state:
        if variable.path.endswith("bias"):
            variable.assign(np.full(variable.shape, 0.1))  # the converter leaves out a bias of zeros
    export(model, tmp_path)
    graphed = {name: graphs.read((tmp_path / f"{name}.tflite").read_bytes(), name) for name in ("encoder", "decoder")}
    operations = {name: [one["op"] for one in graph.operations] for name, graph in graphed.items()}
    assert operations["encoder"] == ["convolution", "gelu", "convolution", "gelu", "dense", "gelu", "dense", "dense"]
    assert operations["decoder"] == [
        "dense", "gelu", "dense", "gelu", "transposed_convolution", "gelu", "transposed_convolution", "sigmoid",
    ]  # fmt: skip
    assert sum(graph.weights.size for graph in graphed.values()) == kinds.parameters(config)


def test_weights_travel_in_half_precision_only_where_that_keeps_them() -> None:
    for run_id, name, precision, bytes_each in (
        ("vae-map", "decoder.tflite", "half", 2), ("row-beta-0", "encoder.tflite", "single", 4),
    ):  # fmt: skip
        graph = graphs.read(content(run_id, name), name)
        packed = graphs.pack(graph)
        (length,) = struct.unpack_from("<I", packed)
        header = json.loads(packed[4 : 4 + length])
        assert header["precision"] == precision and (4 + length) % 4 == 0
        numbers = np.frombuffer(packed, "<f2" if bytes_each == 2 else "<f4", offset=4 + length)
        np.testing.assert_array_equal(numbers.astype(np.float32), graph.weights)


@pytest.mark.parametrize("run", SHIPPED, ids=lambda run: run.id)
def test_every_shipped_network_can_be_read(run: runs.Run) -> None:
    for name in run.kind().networks:
        if run.has(f"{name}.tflite"):
            graph = graphs.read(content(run.id, f"{name}.tflite"), name)
            used = {number for one in graph.operations for number in one["in"]}
            made = {one["out"] for one in graph.operations}
            assert used <= made | set(graph.inputs.values())
            assert set(graph.outputs) <= made


def test_an_operation_that_browsers_are_not_taught_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "ELEMENTWISE", {})
    with pytest.raises(RunError, match=r"decoder.tflite has an operation .*: GELU"):
        graphs.read(content("vae-map", "decoder.tflite"), "decoder.tflite")


def test_the_schema_s_numbers_are_those_of_litert() -> None:
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    for number, name in graphs.CODES.items():
        assert getattr(schema.BuiltinOperator, name) == number
    assert (schema.TensorType.FLOAT32, schema.TensorType.FLOAT16) == (graphs.FLOAT32, graphs.FLOAT16)
    for table, fields in graphs.FIELDS.items():
        for name, place in fields.items():
            source = inspect.getsource(getattr(getattr(schema, table), name))
            assert f"self._tab.Offset({4 + 2 * place})" in source, (table, name)


def test_damage_gives_an_error_and_nothing_else() -> None:
    whole = content("gan-dcgan", "generator.tflite")
    chance = random.Random(3)
    for _ in range(60):
        torn = bytearray(whole)
        for _ in range(chance.choice((1, 4, 40))):
            torn[chance.randrange(len(torn) // 20)] = chance.randrange(256)
        try:
            graphs.pack(graphs.read(bytes(torn), "generator.tflite"))
        except RunError as error:
            assert str(error).endswith(".")
    for short in (b"", b"x", whole[:100], whole[: len(whole) // 2]):
        with pytest.raises(RunError):
            graphs.read(short, "generator.tflite")
