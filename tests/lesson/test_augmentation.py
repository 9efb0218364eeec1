"""An experiment on data augmentation as plain data: what can be asked, and what a file that is damaged is good for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genmod.errors import ConfigError
from genmod.lesson import augmentation
from genmod.lesson.augmentation import Cell, Experiment, Result
from genmod.runs.store import ID


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"images": 7}, "The real images of each digit are 7; they must be one of 5, 10, 20, 50, 100."),
        ({"images": 5, "generated": 9}, "Generated images of each digit is 9; it must be a whole number from 10"),
        ({"images": 5, "seeds": 2}, "Seeds is 2; it must be a whole number from 3 to 6."),
        ({"images": 5, "first_seed": -1}, "First seed is -1; it must be a whole number from 0 to 9,999."),
        ({"images": 5, "ways": ("real", "x" * 99)}, "A way is 'xxxx"),
        ({"images": 5, "ways": ()}, "There is nothing to compare with the real images alone"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=".*") as caught:
        Experiment(**asked)
    assert str(caught.value).startswith(sentence) and str(caught.value).count(".") <= 2


def test_real_images_are_always_compared_with_and_ways_have_one_order() -> None:
    assert Experiment(5, ways=("both", "moved")) == Experiment(5, ways=("moved", "both", "real"))
    assert Experiment(5, ways=("moved",)).ways == ("real", "moved")


def test_each_experiment_has_a_name_of_its_own_that_a_folder_can_have() -> None:
    asked = [
        Experiment(5), Experiment(10), Experiment(5, generated=50), Experiment(5, first_seed=3),
        Experiment(5, seeds=4), Experiment(5, ways=("generated",)), Experiment(5, ways=("moved",)),
    ]  # fmt: skip
    assert len({one.id for one in asked}) == len(asked)
    assert all(ID.fullmatch(one.id) for one in asked)
    # Without generated images it does not matter how many there would be.
    assert Experiment(5, generated=50, ways=("moved",)).id == Experiment(5, ways=("moved",)).id


def test_an_experiment_and_a_result_survive_json() -> None:
    result = Result(Experiment(20, 50, 7, 3, ("moved",)), (Cell("real", 7, 0.5), Cell("moved", 8, 0.75)), {7: 0.9})
    assert Result.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_what_is_missing_is_told_in_the_order_of_the_work() -> None:
    result = Result(Experiment(5, ways=("moved",)), (Cell("real", 0, 0.5), Cell("moved", 1, 0.6)))
    assert result.missing == [("moved", 0), ("real", 1), ("real", 2), ("moved", 2)]
    assert not result.complete
    assert result.accuracies("moved") == {1: 0.6}


def test_a_kept_result_serves_an_experiment_with_other_seeds_or_ways(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    augmentation.keep(path, Result(Experiment(5), (Cell("real", 1, 0.5), Cell("both", 2, 0.6)), {2: 0.8}))
    found = augmentation.kept(path, Experiment(5, first_seed=2, ways=("both",)))
    assert found.cells == (Cell("both", 2, 0.6),) and found.agreements == {2: 0.8}
    assert augmentation.kept(path, Experiment(10)).cells == ()
    # Other generated images are something else, real ones are not.
    assert augmentation.kept(path, Experiment(5, generated=50)) == Result(
        Experiment(5, generated=50), (Cell("real", 1, 0.5),)
    )


def test_another_recipe_gives_other_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "result.json"
    augmentation.keep(path, Result(Experiment(5), (Cell("real", 1, 0.5),)))
    assert augmentation.kept(path, Experiment(5)).cells
    monkeypatch.setattr(augmentation, "STEPS", 7)
    assert not augmentation.kept(path, Experiment(5)).cells


CELL = {"way": "real", "seed": 0, "accuracy": 0.5}


@pytest.mark.parametrize(
    "bad",
    [
        {"accuracy": "0.5"}, {"accuracy": 1.5}, {"accuracy": -0.1}, {"accuracy": None}, {"seed": "0"}, {"seed": True},
        {"seed": 3}, {"way": "magic"}, {"way": None},
    ],
)  # fmt: skip
def test_a_damaged_accuracy_is_left_out(bad: dict[str, object], tmp_path: Path) -> None:
    whole = {"format": 1, "version": 1, "recipe": augmentation.recipe(), "experiment": Experiment(5).to_json()}
    path = tmp_path / "result.json"
    path.write_text(json.dumps({**whole, "cells": [CELL | bad, CELL | {"seed": 1}, "nonsense", None]}))
    assert augmentation.kept(path, Experiment(5)).cells == (Cell("real", 1, 0.5),)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00 nonsense {", b"[]", b'{"format": 1}', b'{"format": 2, "version": 1, "results": []}',
        b'{"format": 1, "version": 1, "results": [1, {}, {"experiment": {"images": 5}}]}',
        b'{"format": 1, "version": 1, "experiment": {"images": 5, "generated": 1, "first_seed": 0, "seeds": 3}}',
    ],
)  # fmt: skip
def test_a_damaged_file_holds_nothing(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "augmentation.json"
    path.write_bytes(content)
    assert augmentation.shipped(path) == {}
    assert augmentation.kept(path, Experiment(5)) == Result(Experiment(5))


def test_only_complete_results_ship(tmp_path: Path) -> None:
    whole = Result(Experiment(10), tuple(Cell(way, seed, 0.9) for way, seed in Experiment(10).places))
    part = Result(Experiment(5), (Cell("real", 0, 0.5),))
    path = tmp_path / "augmentation.json"
    augmentation.write_shipped(path, [part, whole], {"keras": "3"})
    assert augmentation.shipped(path) == {10: whole}
    assert json.loads(path.read_text())["recipe"]["classifier"]["steps"] == augmentation.STEPS


def test_a_batch_of_the_generator_holds_no_image_twice() -> None:
    for images in augmentation.SIZES:
        config = augmentation.generator_config(images, seed=4)
        assert config.batch_size <= 10 * images and config.seed == 4 and config.conditional
        assert config.epochs * config.steps_per_epoch == augmentation.GENERATOR_STEPS


def test_the_rest_takes_less_the_more_is_done() -> None:
    whole = Experiment(5)
    times = [augmentation.seconds(whole, done) for done in (0, 4, 12)]
    assert times == sorted(times, reverse=True) and times[0] < 180
    assert augmentation.seconds(Experiment(5, ways=("moved",))) < times[0]
