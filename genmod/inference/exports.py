"""The networks that a run has exported: found, checked against its settings, and refused if they do not fit."""

from __future__ import annotations

import os

from genmod.datasets import DATASETS
from genmod.errors import RunError
from genmod.inference.model import Model
from genmod.runs import Run, checksums

DECODER, GENERATOR = "decoder.tflite", "generator.tflite"
ENCODER, DISCRIMINATOR = "encoder.tflite", "discriminator.tflite"


def exported(run: Run, name: str, threads: int) -> Model:
    """An exported model whose checksum holds and which belongs to the run's settings."""
    model = Model(run.exported(name), threads, checksums.verified(run, name))
    check(model, name, run)
    return model


def check(model: Model, name: str, run: Run | None = None) -> None:
    """See to it that a model has the inputs and outputs that its file's name promises.

    Args:
        run: the run it belongs to, whose settings it must fit as well.

    Raises:
        RunError: if it has others.
    """
    if run is not None and has_config(run) and name == f"{run.kind().velocity}.tflite":
        _check_velocity(model, name, run)
        return
    sources = list(DATASETS.values()) if run is None or not has_config(run) else [run.config().source]
    shapes = [source.image_shape for source in sources]
    counts = [(source.classes,) for source in sources]
    decodes, judges = name in (DECODER, GENERATOR), name == DISCRIMINATOR
    latents = [model.input_shape] if decodes else [(1,)] if judges else model.output_shapes
    if (
        (decodes and (len(model.output_shapes) != 1 or model.output_shapes[0] not in shapes))
        or (not decodes and model.input_shape not in shapes)
        or (judges and model.output_shapes != [(1,)])
        or not 1 <= len(latents) <= 2
        or any(len(shape) != 1 or shape != latents[0] for shape in latents)
        or model.class_shape not in (None, *counts)
    ):
        raise RunError(f"The file {name} does not hold such a network; train the run again.")
    if run is None or not has_config(run):
        return
    config = run.config()
    latent_dim = config.latent_dim
    fits = judges or latents[0] == (latent_dim,)
    base = config.base if name in (f"{one}.tflite" for one in run.kind().borrowed) else None
    conditional = config.conditional if base is None else base.conditional
    if not fits or model.conditional != conditional:
        raise RunError(
            f"The file {name} of run {run.id} does not fit its settings, which say latent_dim {latent_dim} and "
            f"{'' if conditional else 'not '}by class; it may be of another run: restore it or train it again."
        )


def _check_velocity(model: Model, name: str, run: Run) -> None:
    """See to it that a velocity network takes points and times of its run, and gives a velocity for each."""
    config, kind = run.config(), run.kind()
    plan = kind.schedule(config, kind.chosen(config, {}))
    told = 0 if plan is None else len(plan.told[0])
    classes = (config.source.classes,) if config.conditional else None
    shapes = (model.input_shape, model.output_shapes, model.class_shape)
    if shapes != ((config.latent_dim + told,), [(config.latent_dim,)], classes):
        raise RunError(
            f"The file {name} of run {run.id} does not fit its settings, which say latent_dim {config.latent_dim} and "
            f"{'' if config.conditional else 'not '}by class; it may be of another run: restore it or train it again."
        )


def has_config(run: Run) -> bool:
    """Whether the folder says what the models in it belong to; bare model files can be used too."""
    return os.path.lexists(run.file("config.json"))
