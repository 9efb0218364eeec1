"""The recipe of each kind: a few steps give the numbers that were written down when its `recipe` was last raised.

A change that moves them makes other runs of the same settings. Then the kind's `recipe` is raised, so that nobody who
asks for these settings is handed a run of the older kind, and `python -m tests.training.test_recipes` prints the new
content of `recipes.json`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genmod import kinds
from genmod.drawing import images
from genmod.kinds import Config
from genmod.models import registry
from genmod.training.engine import KerasEngine

SMALL = {"images": 600, "epochs": 2}
FEW = {"filters": (4, 6), "hidden_units": (16,), "latent_dim": 8}
TINY = {"generator_filters": (6, 4), "discriminator_filters": (4, 6), "latent_dim": 8, "batch_size": 20}
STEPS = 4
TOLERANCE = 2e-3  # of each number: another processor adds up in another order, another recipe is farther off

CASES: dict[str, Config] = {
    "ae": kinds.from_preset("ae", "article", **SMALL),
    "ae-conv": kinds.from_preset("ae", "article", architecture="conv", **{**SMALL, **FEW}),
    "vae": kinds.from_preset("vae", "article", **SMALL),
    "vae-map": kinds.from_preset("vae", "map", **SMALL),
    "vae-warm-up": kinds.from_preset("vae", "elbo", **SMALL, beta_warm_up=1, activation="gelu"),
    "vae-conv": kinds.from_preset("vae", "conv", **{**SMALL, **FEW}),
    "vae-conditional": kinds.from_preset("vae", "conditional", **SMALL),
    "flow": kinds.from_preset("flow", "map", **SMALL),
    "flow-conditional": kinds.from_preset("flow", "conditional", **SMALL, velocity_units=(32, 32)),
    "gan": kinds.from_preset("gan", "dense", **SMALL),
    "gan-conditional": kinds.from_preset("gan", "conditional", **SMALL),
    "gan-non-saturating": kinds.from_preset("gan", "non-saturating", **SMALL),
    "gan-wgan-gp": kinds.from_preset("gan", "wgan-gp", **SMALL),
    "gan-hinge": kinds.from_preset("gan", "hinge", **SMALL, average=0.0),
    "gan-conv": kinds.from_preset(
        "gan", "dcgan", **{**SMALL, **TINY}, clusters=6, generator_start=8, discriminator_head=8
    ),
    "gan-conv-plain": kinds.from_preset(
        "gan", "dcgan", **{**SMALL, **TINY}, clusters=0, generator_start=0, discriminator_head=0, loss="non-saturating"
    ),
}

# For each case the recipe it belongs to; the sums of the metrics over the steps, the sizes of the weights after them
# added up, and the mean of a picture drawn then. Shares of right answers are left out: a single image moves them.
WRITTEN_DOWN = json.loads((Path(__file__).with_name("recipes.json")).read_text(encoding="utf-8"))


def numbers(config: Config) -> dict[str, float]:
    """What a few steps give."""
    # What it is built on has the weights it begins with: any that are fixed will do.
    base = None if config.base is None else registry.build(config.base).take_home()
    engine = KerasEngine(config, base=base)
    engine.start_epoch(1)
    sums = engine.run(0, STEPS)
    weights = [
        np.abs(variable.numpy()).mean(dtype=np.float64) for variable in engine.state if variable.dtype == "float32"
    ]
    picture = images.pixels(engine.pictures.render()[0])
    sums_by_name = dict(zip(engine.metric_names, sums.tolist(), strict=True))
    found = {name: value for name, value in sums_by_name.items() if not name.endswith("accuracy")}
    return found | {"weights": float(sum(weights)), "picture": float(picture.mean(dtype=np.float64))}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", CASES)
def test_a_few_steps_give_what_the_recipe_promises(name: str) -> None:
    expected = dict(WRITTEN_DOWN[name])
    recipe = expected.pop("recipe")
    assert kinds.of(CASES[name]).recipe == recipe, "write the new recipe's numbers down"
    assert numbers(CASES[name]) == pytest.approx(expected, rel=TOLERANCE)


def test_every_kind_loss_and_sort_of_layers_is_held() -> None:
    assert {config.kind for config in CASES.values()} == set(kinds.KINDS)
    for choice in ("architecture", "loss"):
        for kind, setting in kinds.settings_called(choice).items():
            assert {config.values[choice] for config in CASES.values() if config.kind == kind} == set(setting.choices)


if __name__ == "__main__":
    print(json.dumps({name: {"recipe": kinds.of(config).recipe, **numbers(config)} for name, config in CASES.items()}))
