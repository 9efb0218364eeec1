"""What does the work of a training: the model, its compiled loop, its pictures and its export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from genmod import kinds
from genmod.datasets import Dataset, Doubles, Floats, Images, Labels
from genmod.inference.latent_space import noise_for
from genmod.kinds import Config, Value
from genmod.models import registry
from genmod.runs import Run, bases, checksums
from genmod.system import files
from genmod.training.export import export
from genmod.training.loop import Loop
from genmod.training.pictures import Pictures


class KerasEngine:
    """A Keras model of this project, trained on the data set of its config."""

    def __init__(self, config: Config, run: Run | None = None, base: keras.Model | None = None) -> None:
        """Load and compile.

        Args:
            run: of a kind that is built on another run, the run that holds what it keeps of that.
            base: or that run's Keras model itself.

        Raises:
            RunError: if what it keeps is missing or damaged.
        """
        self.config = config
        self.run_of_base = None if run is None or config.base_setting is None else run.base()
        self.data: Dataset = config.source.load()
        if base is None and self.run_of_base is not None:
            checksums.verified(self.run_of_base, bases.KERAS)
            base = registry.load_keras(self.run_of_base.exported(bases.KERAS))
        self.model = registry.build(config, base)
        self.metric_names = self.model.metric_names
        self.held_out_names = self.model.held_out_names
        self.picture_names = self.model.picture_names
        images, labels = config.source.training(config.images, config.classes)
        prepared, self.prepared_test = self._prepared(images, labels), None
        if isinstance(self.model, registry.Preparing) and prepared is not None:
            self.model.measure(prepared)
            self.prepared_test = self._prepared(self.data.test_images, self.data.test_labels)
        self.loop = Loop(self.model, images, config.batch_size, labels, config.source.classes, prepared)
        self.batch_size = self.loop.batch_size
        self.steps_per_epoch = self.loop.steps_per_epoch
        self.pictures = Pictures(self.model, config, self.data)
        self.noise = noise_for(len(self.data.test_images), self.model.latent_dim)

    def _prepared(self, images: Images, labels: Labels) -> Floats | None:
        """What the model's steps are given instead of images, if it prepares something."""
        if not isinstance(self.model, registry.Preparing):
            return None
        classes = np.eye(self.config.source.classes, dtype=np.float32)[labels] if self.model.conditional else None
        return self.model.prepared(images, classes)

    @property
    def state(self) -> list[keras.Variable]:
        """All that training changes or reads, in a fixed order."""
        return self.model.state

    def start_epoch(self, epoch: int) -> None:
        """Shuffle the images for `epoch`."""
        self.loop.start_epoch(self.config.seed, epoch)

    def run(self, first: int, steps: int) -> Doubles:
        """Take steps of the epoch; returns each metric's sum over them."""
        return self.loop.run(first, steps)

    def held_out(self) -> dict[str, float]:
        """The model's held-out values on the test images."""
        return self.loop.held_out(
            self.data.test_images, self.noise, labels=self.data.test_labels, prepared=self.prepared_test
        )

    def measures(self) -> dict[str, float]:
        """What the model's `picture_names` name, measured on its pictures."""
        return self.pictures.measures()

    def change(self, name: str, value: float) -> None:
        """Set one of the numbers that may change while training, from the next step on."""
        self.model.adjustable[name].assign(value)

    def draw(self, run: Run, epoch: int | None = None, live: bool = False) -> None:
        """Write the pictures into the run's folder."""
        self.pictures.draw(run, epoch, live)

    def explain(self, run: Run, step: int) -> None:
        """Write what a step of the present epoch does with the first images of its batch."""
        self.pictures.explain(run, *self.loop.batch(step, self.model.explained_images), step)

    def export(self, folder: Path) -> None:
        """Write every exported model into `folder`."""
        export(self.model, folder)
        if self.run_of_base is not None:  # what stands still stays what it was, byte for byte
            for name in (f"{name}.tflite" for name in kinds.of(self.config).borrowed):
                files.write_bytes(folder / name, checksums.verified(self.run_of_base, name))


class WarmEngines:
    """Engines kept ready before anybody has asked for them: imported, loaded and compiled."""

    def __init__(self, most: int = 3) -> None:
        self.most = most
        self._engines: list[KerasEngine] = []  # the one used or made last comes last

    def prepare(self, config: Config, hurry: Callable[[], bool] = lambda: False) -> None:
        """Compile for `config` ahead; of too many engines the oldest goes.

        Args:
            hurry: asked between the parts, each of which takes about a second; the rest is left out if it says yes.
        """
        if self._find(config) is not None or config.base_setting is not None:  # which run that is, no config says
            return
        engine = KerasEngine(config)
        self._engines = [*self._engines[1 - self.most :], engine]
        engine.start_epoch(1)
        for part in (lambda: engine.run(0, 1), engine.pictures.render, engine.held_out, engine.measures):
            if hurry():
                return
            part()

    def take(self, config: Config, run: Run | None = None) -> KerasEngine:
        """An engine for `config`: a warm one with the weights `config` begins with, or else a new one."""
        engine = self._find(config)
        if engine is None:
            return KerasEngine(config, run)
        for variable, fresh in zip(engine.state, registry.build(config).state, strict=True):
            variable.assign(fresh)
        engine.config = config
        engine.pictures.reseed(config)
        return engine

    def _find(self, config: Config) -> KerasEngine | None:
        wanted = _compiled_in(config)
        return next((engine for engine in self._engines if _compiled_in(engine.config) == wanted), None)


def _compiled_in(config: Config) -> dict[str, Value]:
    """The settings that the compiled steps depend on; the others are read while they run."""
    free = {"seed", *config.adjustable}
    if config.learning_rate_schedule == "constant":
        free.add("epochs")
    return {"kind": config.kind} | {name: value for name, value in config.values.items() if name not in free}
