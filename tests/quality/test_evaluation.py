"""Measuring samples, on samples whose faults are planted."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from genmod import quality
from genmod.datasets import MNIST, Floats, Images, Labels
from genmod.errors import RunError
from genmod.inference import kept_mixtures
from genmod.jobs.queues import StoppedError
from genmod.quality import Sizes, metrics, reference
from genmod.quality.evidence import Evidence
from genmod.quality.repeats import Repeats
from genmod.runs import Run, Store

FEW = Sizes(samples=200, balls=200, searched=50, bound_images=10, bound_draws=5, importance_images=10)


def compare(images: Images, asked: Labels | None = None) -> Evidence:
    return quality.compare(images, reference.of(MNIST), MNIST.load(), asked, FEW)


def values_of(seen: Evidence) -> dict[str, Any]:
    return metrics.values(MNIST, seen)


def counted(classes: Labels, asked: Labels | None = None) -> dict[str, Any]:
    """The measures of images of which only the classes are known."""
    nothing = np.zeros((len(classes), 2), np.float32)
    moments = np.zeros(2), np.eye(2)
    found = np.zeros(1, np.int64)
    return values_of(
        Evidence(
            nothing, np.eye(10, dtype=np.float32)[classes], asked, moments, 0.0, 0.0, found, np.ones(1, np.float32),
            found, np.zeros(10), {}, Repeats(None, len(classes)),
        )
    )  # fmt: skip


def test_planted_imbalance_is_counted() -> None:
    values = counted(np.repeat([0, 1, 2], [900, 95, 5]))
    assert values["class_shares"] == [0.9, 0.095, 0.005, 0, 0, 0, 0, 0, 0, 0]
    assert values["class_coverage"] == 2  # 5 in 1,000 are too few
    assert (values["smallest_class_share"], values["largest_class_share"]) == (0, 0.9)
    expected = -sum(share * math.log(share) for share in (0.9, 0.095, 0.005))
    assert values["class_entropy"] == pytest.approx(expected)


def test_equal_classes_have_the_largest_entropy() -> None:
    assert counted(np.arange(1000) % 10)["class_entropy"] == pytest.approx(math.log(10))


def test_agreement_is_counted_over_all_and_by_class() -> None:
    asked = np.repeat([3, 7], [4, 6])
    seen = np.array([3, 3, 3, 7, 7, 7, 7, 7, 7, 1])
    values = counted(seen, asked)
    assert values["class_agreement"] == pytest.approx(0.8)
    by_class = values["class_agreement_by_class"]
    assert (by_class[3], by_class[7], by_class[0]) == pytest.approx((3 / 4, 5 / 6, 0.0))


def test_real_test_images_stand_at_the_good_end_and_noise_at_the_bad() -> None:
    data = MNIST.load()
    chosen = np.random.default_rng(0).permutation(10_000)[:600]
    sizes = dataclasses.replace(FEW, balls=600)
    real = values_of(
        quality.compare(data.test_images[chosen], reference.of(MNIST), data, data.test_labels[chosen], sizes)
    )
    noise = np.random.default_rng(0).integers(0, 256, (600, 28, 28), np.uint8)
    bad = values_of(quality.compare(noise, reference.of(MNIST), data, np.arange(600) % 10, sizes))
    number = {name: (real[name], bad[name]) for name in ("frechet_distance", "recall", "class_agreement")}
    assert number["frechet_distance"][0] < 10 < 200 < number["frechet_distance"][1]
    assert number["recall"][0] > 0.6 > 0.05 > number["recall"][1]
    assert number["class_agreement"][0] > 0.97 > 0.2 > number["class_agreement"][1]
    assert real["copied_share"] == 0


def test_samples_learned_by_heart_are_noticed() -> None:
    data = MNIST.load()
    images = data.test_images[:200].copy()
    images[:25] = data.train_images[100:125]  # half of the fifty that are searched for
    seen = compare(images)
    assert values_of(seen)["copied_share"] == pytest.approx(0.5)
    assert seen.nearest[:25].tolist() == list(range(100, 125))
    assert seen.distances[:25].max() == 0 < seen.distances[25:].min()


def test_one_digit_alone_is_seen_as_one_class() -> None:
    data = MNIST.load()
    values = values_of(compare(data.test_images[data.test_labels == 4][:200]))
    assert values["largest_class_share"] > 0.9
    assert values["class_coverage"] <= 3
    assert values["recall"] < 0.3


class ByClass:
    """A model that draws the digit it is asked for, or in turns."""

    @property
    def conditional(self) -> bool:
        return True

    def sample(self, n: int, seed: int) -> tuple[Images, Floats]:
        data = MNIST.load()
        firsts = [int(np.argmax(data.test_labels == digit)) for digit in range(10)]
        return data.test_images[np.resize(firsts, n)], np.zeros((n, 2), np.float32)


def test_a_model_by_class_is_held_to_the_digits_in_turn() -> None:
    drawn, asked = quality.samples(ByClass(), 200, 10)
    assert asked is not None
    assert asked[:11].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert values_of(compare(drawn, asked))["class_agreement"] == 1.0


def test_a_run_gives_all_its_numbers_twice_the_same(tiny_run: Run) -> None:
    told: list[tuple[float, str]] = []
    first = quality.measure(tiny_run, FEW, lambda share, doing: told.append((share, doing)))
    second = quality.measure(tiny_run, FEW)
    assert first.values == second.values
    assert first.sheets == second.sheets
    assert first.notes == second.notes
    assert first.number("test_log_likelihood_bound") is not None
    assert first.number("class_agreement") is None
    assert sum(first.shares("class_shares")) == pytest.approx(1.0)
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert first.notes["searched"] == 50


def test_a_gan_by_class_has_agreement_and_nothing_of_an_encoder(tiny_gan: Run) -> None:
    known = quality.measure(tiny_gan, FEW)
    assert known.number("class_agreement") is not None
    assert len(known.shares("class_agreement_by_class")) == 10
    assert not [name for name in known.values if name.startswith("test_")]


SOURCES = ("fitted", "mixture", "codes")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", ["tiny_run", "tiny_ae", "tiny_shapes", "tiny_gan"])
def test_a_run_with_an_encoder_is_measured_with_latents_from_every_source(
    name: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(name)
    values = quality.measure(run, FEW).values
    expected = {f"{source}_{what}" for source in SOURCES for what in ("frechet_distance", "confident_share")}
    assert {name for name in values if name.startswith(SOURCES)} == (expected if run.kind().encodes else set())


def test_a_source_that_cannot_be_used_is_named_and_the_rest_is_measured(
    tiny_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(run: Run) -> None:
        raise RunError("No mixture today.")

    monkeypatch.setattr(kept_mixtures, "of", failing)
    found = quality.measure(tiny_run, FEW)
    assert found.notes["unmade"] == {"mixture": "No mixture today."}
    assert found.number("mixture_frechet_distance") is None
    assert found.number("codes_frechet_distance") is not None and found.number("fitted_frechet_distance") is not None
    assert quality.whole(found, 10)
    spoiled = dataclasses.replace(found, notes={**found.notes, "unmade": {"mixture": 7}})
    assert not quality.whole(spoiled, 10)
    assert not quality.whole(dataclasses.replace(found, notes={**found.notes, "unmade": "all"}), 10)


def test_an_autoencoder_has_its_reconstruction_alone(tiny_ae: Run) -> None:
    values = quality.measure(tiny_ae, FEW).values
    assert {name for name in values if name.startswith("test_")} == {"test_loss", "test_reconstruction_loss"}
    assert values["test_loss"] == values["test_reconstruction_loss"]


def test_a_measurement_can_be_stopped(tiny_run: Run) -> None:
    def stop(share: float, doing: str) -> None:
        if share > 0.3:
            raise StoppedError

    with pytest.raises(StoppedError):
        quality.measure(tiny_run, FEW, stop)


def test_a_run_without_a_model_gives_one_sentence(store: Store) -> None:
    from genmod.kinds import VAEConfig

    with pytest.raises(RunError, match="has no decoder.tflite"):
        quality.measure(store.create(VAEConfig(), "new"), FEW)


def test_a_run_that_draws_in_steps_is_measured_with_several_numbers_of_them(tiny_flow: Run) -> None:
    found = quality.measure(tiny_flow, Sizes(samples=300, balls=100, searched=20))
    assert found.number("test_loss") is None
    pairs = found.compared()
    assert [steps for steps, _ in pairs] == [1, 2, 5, 10, 20]
    # The last of them are the very samples that all other numbers are of.
    assert pairs[-1][1] == pytest.approx(found.number("frechet_distance"), abs=1e-3)
    assert len({distance for _, distance in pairs}) == len(pairs)
    broken = dataclasses.replace(found, notes={**found.notes, "compared": [[1, "x"]]})
    assert broken.compared() == []
