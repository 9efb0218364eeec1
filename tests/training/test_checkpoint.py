"""Checkpoints: the whole state there and back, and what to do with damaged ones."""

from __future__ import annotations

import os
from pathlib import Path

import keras
import numpy as np
import pytest

from genmod.errors import RunError
from genmod.kinds import VAEConfig
from genmod.models.vae import VAE
from genmod.training import checkpoint
from genmod.training.checkpoint import Place

SUMS = np.array([3.5, 0.25])


def variables(*values: float) -> list[keras.Variable]:
    return [keras.Variable(np.full((2, 3), value, np.float32)) for value in values]


def save(folder: Path, epoch: int, state: list[keras.Variable], step: int = 0) -> None:
    checkpoint.save(folder, Place(epoch, step), state, SUMS)


def restore(folder: Path, state: list[keras.Variable]) -> Place:
    return checkpoint.restore(folder, state, len(SUMS))[0]


def values(state: list[keras.Variable]) -> list[float]:
    return [float(np.asarray(variable)[0, 0]) for variable in state]


def test_the_state_comes_back(tmp_path: Path) -> None:
    save(tmp_path / "checkpoint", 3, variables(1.5, -2.0))
    state = variables(0, 0)
    assert restore(tmp_path / "checkpoint", state) == Place(3)
    assert values(state) == [1.5, -2.0]


def test_every_bit_of_a_model_comes_back(tmp_path: Path) -> None:
    settings = VAEConfig(hidden_units=(4,), optimizer="adam")
    trained, fresh = VAE(settings), VAE(settings.replace(seed=9))
    images = keras.ops.ones((3, 28, 28, 1))
    for _ in range(3):
        trained.train_step(images)
    save(tmp_path, 1, trained.state)
    restore(tmp_path, fresh.state)
    for vae in (trained, fresh):  # and both go on alike, noise and optimizer included
        vae.train_step(images)
    for a, b in zip(trained.state, fresh.state, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(np.array(a), np.array(b))


def test_nothing_saved_is_epoch_0(tmp_path: Path) -> None:
    state = variables(7)
    assert restore(tmp_path / "none", state) == Place(0)
    assert values(state) == [7]


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    for epoch in range(8, 12):
        save(tmp_path, epoch, variables(epoch))
    assert sorted(os.listdir(tmp_path)) == ["epoch-00010.npz", "epoch-00011.npz"]


@pytest.mark.parametrize("size", [0, 10, 300, -1])
def test_a_torn_checkpoint_gives_way_to_the_one_before(tmp_path: Path, size: int) -> None:
    for epoch in (1, 2):
        save(tmp_path, epoch, variables(epoch, epoch))
    newest = tmp_path / "epoch-00002.npz"
    os.truncate(newest, size if size >= 0 else newest.stat().st_size + size)
    state = variables(0, 0)
    assert restore(tmp_path, state) == Place(1)
    assert values(state) == [1, 1]


def test_a_checkpoint_with_a_flipped_bit_gives_way_to_the_one_before(tmp_path: Path) -> None:
    for epoch in (1, 2):
        save(tmp_path, epoch, variables(epoch))
    newest = tmp_path / "epoch-00002.npz"
    content = bytearray(newest.read_bytes())
    content[content.index(np.float32(2).tobytes())] ^= 1
    newest.write_bytes(content)
    state = variables(0)
    assert restore(tmp_path, state) == Place(1)
    assert values(state) == [1]


def test_a_checkpoint_of_another_net_is_not_used(tmp_path: Path) -> None:
    save(tmp_path / "checkpoint", 1, [keras.Variable(np.ones((5,), np.float32))])
    state = variables(0)
    with pytest.raises(RunError, match=r"^No checkpoint of run .* can be read, so it cannot go on; .* begin again\.$"):
        restore(tmp_path / "checkpoint", state)
    assert values(state) == [0]


def members(folder: Path, **changed: np.ndarray) -> None:
    """Write the newest checkpoint again with other members."""
    path = max(folder.iterdir())
    with np.load(path) as arrays:
        found = {**arrays, **changed}
    np.savez(path, **found)


@pytest.mark.parametrize(
    "changed",
    [
        {"000": np.array([["x"] * 3] * 2)},
        {"000": np.full((2, 3), None)},
        {"000": np.zeros((2, 3), [("a", "f4")])},
        {"sums": np.zeros(3)},
        {"sums": np.array(["a", "b"])},
        {"format": np.array("1")},
        {"format": np.array([1, 2])},
    ],
)
def test_a_checkpoint_with_other_things_in_it_gives_way_to_the_one_before(
    tmp_path: Path, changed: dict[str, np.ndarray]
) -> None:
    for epoch in (1, 2):
        save(tmp_path, epoch, variables(epoch))
    members(tmp_path, **changed)
    state = variables(0)
    assert restore(tmp_path, state) == Place(1)
    assert values(state) == [1]


def test_a_checkpoint_of_a_newer_version_is_named_and_stays(tmp_path: Path) -> None:
    for epoch in (1, 2):
        save(tmp_path / "checkpoint", epoch, variables(epoch))
    members(tmp_path / "checkpoint", format=np.array(checkpoint.FORMAT + 1))
    state = variables(0)
    with pytest.raises(RunError, match=r"^The checkpoint epoch-00002.npz of run .* is of a newer version"):
        restore(tmp_path / "checkpoint", state)
    assert values(state) == [0]
    assert len(os.listdir(tmp_path / "checkpoint")) == 2


def test_a_checkpoint_of_an_older_version_has_no_number(tmp_path: Path) -> None:
    save(tmp_path, 1, variables(1))
    path = max(tmp_path.iterdir())
    with np.load(path) as arrays:
        found = {name: arrays[name] for name in arrays.files if name != "format"}
    np.savez(path, allow_pickle=False, **found)
    assert restore(tmp_path, variables(0)) == Place(1)


@pytest.mark.parametrize("stand_in", ["pipe", "folder", "loop", "zeros"])
def test_what_is_no_checkpoint_is_not_waited_for(tmp_path: Path, stand_in: str) -> None:
    save(tmp_path, 1, variables(1))
    path = tmp_path / "epoch-00002.npz"
    if stand_in == "pipe":
        os.mkfifo(path)
    elif stand_in == "folder":
        path.mkdir()
    elif stand_in == "loop":
        path.symlink_to(path.name)
    else:
        path.touch()
        os.truncate(path, 20_000_000_000)
    assert restore(tmp_path, variables(0)) == Place(1)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "epoch-1.npz").write_text("")
    (tmp_path / "notes.txt").write_text("")
    save(tmp_path, 1, variables(1))
    assert restore(tmp_path, variables(0)) == Place(1)
    assert len(os.listdir(tmp_path)) == 3


def test_an_unfinished_epoch_comes_back_with_its_sums(tmp_path: Path) -> None:
    save(tmp_path, 2, variables(1))
    save(tmp_path, 2, variables(2), step=40)
    place, sums = checkpoint.restore(tmp_path, variables(0), len(SUMS))
    assert place == Place(2, 40)
    assert sums.tolist() == SUMS.tolist()
    save(tmp_path, 3, variables(3))  # the next whole epoch is newer, and the oldest goes
    assert restore(tmp_path, variables(0)) == Place(3)
    assert sorted(os.listdir(tmp_path)) == ["epoch-00002-step-0000040.npz", "epoch-00003.npz"]


def test_what_a_killed_writer_left_is_cleared(tmp_path: Path) -> None:
    save(tmp_path, 1, variables(1))
    (tmp_path / ".12345678.tmp.npz").write_bytes(b"half")
    restore(tmp_path, variables(0))
    assert os.listdir(tmp_path) == ["epoch-00001.npz"]
