"""Only models whose checksum holds are loaded; older ones are tried where they can do no harm."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from genmod import runs
from genmod.errors import RunError
from genmod.inference import Discriminator, Encoder, Sampler
from genmod.inference.latent_space import prior_samples
from genmod.runs import Run, checksums
from genmod.system import files
from scripts import make_checkpoints

DAMAGED = (
    r"^The file decoder.tflite of run copy is damaged: it is not the one whose checksum was saved; restore it or "
    r"train the run again\.$"
)


@pytest.fixture
def copy(tmp_path: Path) -> Run:
    """A shipped run in a store of its own."""
    shutil.copytree(runs.SHIPPED / "vae-elbo", tmp_path / "copy")
    return Run(tmp_path / "copy")


def older(run: Run) -> Run:
    """As an older version has left it."""
    run.file(checksums.NAME).unlink()
    return run


def nonsense(content: bytes) -> list[bytes]:
    """Well-formed models that mean something else: one number of the plan changed in each, weights untouched."""
    plan = np.frombuffer(content, np.uint8)
    rng = np.random.default_rng(0)
    found = []
    for place in rng.integers(0, len(plan) // 4 - 1, 4000):
        words = plan.copy().view(np.uint8)
        if 0 < int(words[4 * place]) < 16 and not words[4 * place + 1 : 4 * place + 4].any():
            words[4 * place] ^= 3
            found.append(words.tobytes())
    return found


def test_all_shipped_models_have_their_checksums() -> None:
    for run in runs.shipped().runs():
        names = [path.name for path in run.path.iterdir() if path.suffix in (".tflite", ".keras")]
        kind = run.kind()
        to_look_at = kind.preset(run.config().preset).fails_as or run.id.startswith(("row-", "only-", "no-", "all-"))
        own = len(kind.networks) - len(kind.borrowed) if kind.borrowed else 1 + kind.encodes if to_look_at else 2
        assert len(names) == own + run.has("model.keras")
        for name in names:
            assert checksums.verified(run, name) == run.file(name).read_bytes()
        for name in kind.draws_with:
            assert checksums.verified(run, f"{name}.tflite")


@pytest.fixture
def without_decoder(tmp_path: Path, tiny_flow: Run) -> Run:
    """A run that ships beside the VAE that it is built on, and has left its decoder to that."""
    shutil.copytree(runs.SHIPPED / "vae-map", tmp_path / "shipped" / "vae-map")
    run = Run(Path(shutil.copytree(tiny_flow.path, tmp_path / "shipped" / "flow-map")), shipped=True)
    run.file("decoder.tflite").unlink()
    return run


def test_a_shipped_run_borrows_what_it_has_taken_over_from_the_run_beside_it(
    without_decoder: Run, tiny_flow: Run
) -> None:
    beside = without_decoder.path.parent / "vae-map"
    assert without_decoder.usable()
    assert without_decoder.exported("decoder.tflite") == beside / "decoder.tflite"
    noise = prior_samples(3, 2, 0)
    np.testing.assert_array_equal(Sampler(without_decoder).decode(noise), Sampler(tiny_flow).decode(noise))


@pytest.mark.parametrize("name", ["encoder.tflite", "velocity.tflite", "model.keras"])
def test_nothing_else_is_borrowed(without_decoder: Run, name: str) -> None:
    without_decoder.file(name).unlink(missing_ok=True)
    assert not without_decoder.has(name)


def test_another_network_than_the_one_taken_over_is_not_borrowed(without_decoder: Run) -> None:
    other = runs.SHIPPED / "fashion-vae-map"
    for name in ("decoder.tflite", checksums.NAME):
        shutil.copy(other / name, without_decoder.path.parent / "vae-map" / name)
    with pytest.raises(RunError, match=r"^The run flow-map has no decoder.tflite; train it again\.$"):
        Sampler(without_decoder)


def test_a_network_that_was_exchanged_behind_its_checksum_is_not_borrowed(without_decoder: Run) -> None:
    other = runs.SHIPPED / "fashion-vae-map" / "decoder.tflite"
    shutil.copy(other, without_decoder.path.parent / "vae-map" / "decoder.tflite")
    with pytest.raises(RunError, match="decoder.tflite of run flow-map is damaged"):
        Sampler(without_decoder)


def test_what_ships_leaves_out_what_the_run_beside_it_has(tmp_path: Path, tiny_flow: Run) -> None:
    shutil.copytree(runs.SHIPPED / "vae-map", tmp_path / "vae-map")
    target = Path(shutil.copytree(tiny_flow.path, tmp_path / "flow-map"))
    make_checkpoints.leave_out_borrowed(target)
    assert not (target / "decoder.tflite").exists() and (target / "velocity.tflite").exists()
    assert Run(target, shipped=True).usable()


def test_what_was_built_on_another_run_than_the_one_that_ships_is_not_shipped(tmp_path: Path, tiny_flow: Run) -> None:
    shutil.copytree(runs.SHIPPED / "fashion-vae-map", tmp_path / "vae-map")
    target = Path(shutil.copytree(tiny_flow.path, tmp_path / "flow-map"))
    with pytest.raises(SystemExit, match="flow-map was built on another vae-map than the one in"):
        make_checkpoints.leave_out_borrowed(target)


def test_a_run_in_a_store_of_its_own_borrows_nothing(without_decoder: Run) -> None:
    assert not Run(without_decoder.path).has("decoder.tflite")


def test_a_trained_run_has_its_checksums(tiny_run: Run) -> None:
    sums = files.read_json(tiny_run.file(checksums.NAME))
    assert sums is not None
    assert sorted(sums["sha256"]) == ["decoder.tflite", "encoder.tflite", "model.keras"]
    assert checksums.verified(tiny_run, "decoder.tflite")


def test_a_model_with_one_bit_changed_is_not_loaded(copy: Run) -> None:
    content = bytearray(copy.file("decoder.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    copy.file("decoder.tflite").write_bytes(content)
    with pytest.raises(RunError, match=DAMAGED):
        Sampler(copy)
    Encoder(copy)


def test_a_model_that_a_run_never_had_is_missing_rather_than_damaged(copy: Run) -> None:
    with pytest.raises(RunError, match=r"^The run copy has no discriminator.tflite; train it again\.$"):
        Discriminator(copy)


def test_a_model_of_another_run_is_not_loaded(copy: Run) -> None:
    shutil.copy(runs.SHIPPED / "vae-map" / "decoder.tflite", copy.path)
    with pytest.raises(RunError, match=DAMAGED):
        Sampler(copy)


@pytest.mark.parametrize("name", ["decoder.tflite", "encoder.tflite"])
def test_a_whole_set_of_another_run_does_not_fit_the_settings(copy: Run, name: str) -> None:
    for path in (runs.SHIPPED / "vae-conditional").glob("*.*"):
        if path.suffix == ".tflite" or path.name == checksums.NAME:
            shutil.copy(path, copy.path)
    with pytest.raises(
        RunError, match=rf"^The file {name} of run copy does not fit its settings, which say latent_dim 4"
    ):
        (Sampler if name == "decoder.tflite" else Encoder)(copy)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"sha256": []}', b'{"sha256": {"decoder.tflite": 7}}', b"[" * 60_000, b'{"format": 2}'],
)
def test_damaged_checksums_are_named(copy: Run, content: bytes) -> None:
    copy.file(checksums.NAME).write_bytes(content)
    with pytest.raises(RunError, match=r"^The file checksums.json of run copy is damaged or of a newer version"):
        Sampler(copy)


@pytest.mark.parametrize("stand_in", ["pipe", "folder", "loop", "huge"])
def test_what_is_no_file_is_not_waited_for(copy: Run, stand_in: str) -> None:
    path = copy.file("decoder.tflite")
    path.unlink()
    if stand_in == "pipe":
        os.mkfifo(path)
    elif stand_in == "folder":
        path.mkdir()
    elif stand_in == "loop":
        path.symlink_to(path.name)
    else:
        path.touch()
        os.truncate(path, 5_000_000_000)
    started = time.monotonic()
    with pytest.raises(RunError, match=r"^The file decoder.tflite of run copy cannot be read \(.+\)\.$"):
        Sampler(copy)
    assert time.monotonic() - started < 2


def test_a_run_of_an_older_version_opens_and_is_tried_once(copy: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = Sampler(older(copy))
    assert decoder.decode(prior_samples(2, 4, 0)).shape == (2, 28, 28)
    assert not copy.file(checksums.NAME).exists()  # a trainer may be at work there
    assert len(os.listdir(runs.home().root / checksums.TRIED)) == 1
    monkeypatch.setattr(checksums, "_tried", lambda name, content: pytest.fail("it was tried before"))
    Sampler(copy)


def test_an_older_model_that_kills_its_process_gives_one_sentence(
    copy: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trials = tmp_path / "genmod"
    trials.mkdir()
    (trials / "__init__.py").touch()
    (trials / "trial.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr(checksums, "PROJECT", tmp_path)
    content = older(copy).file("decoder.tflite").read_bytes() + b"\0"
    copy.file("decoder.tflite").write_bytes(content)
    for _ in range(2):
        with pytest.raises(RunError, match=r"^The file decoder.tflite of run copy is damaged; train it again\.$"):
            Sampler(copy)
        monkeypatch.setattr(checksums, "_tried", lambda name, content: pytest.fail("it was tried before"))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_well_formed_nonsense_ends_this_process(copy: Run) -> None:
    content = older(copy).file("decoder.tflite").read_bytes()
    for changed in nonsense(content)[:150]:
        copy.file("decoder.tflite").write_bytes(changed)
        try:
            pixels = Sampler(copy).decode(prior_samples(3, 4, 0))
        except RunError as error:
            assert str(error).endswith(".")
        else:
            assert 0.0 <= pixels.min() <= pixels.max() <= 1.0
