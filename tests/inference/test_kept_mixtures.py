"""Mixtures fitted to runs: once, in another process, kept, and a sentence when it fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genmod import runs
from genmod.errors import RunError
from genmod.inference import codes, kept_mixtures
from genmod.inference.mixture import IMPOSSIBLE, NO_MEMORY, Mixture
from genmod.runs import Run, checksums
from genmod.system import locks, memory
from genmod.system.file_cache import FileCache
from genmod.system.project import PROJECT


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins as a new process."""
    monkeypatch.setattr(kept_mixtures, "_mixtures", FileCache[Mixture](8))
    monkeypatch.setattr(kept_mixtures, "_failed", {})


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exit code of every process that fits."""
    ended: list[int] = []
    real = subprocess.run

    def run(*arguments: Any, **options: Any) -> Any:
        found = real(*arguments, **options)
        ended.append(found.returncode)
        return found

    monkeypatch.setattr(subprocess, "run", run)
    return ended


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Put other code in the place of the process that fits; gives back what it has been called with."""

    def stand_in(code: str) -> list[str]:
        real, called = subprocess.run, []

        def run(command: list[str], **options: Any) -> Any:
            called.append(command[-1])
            return real([sys.executable, "-c", code], **options)

        monkeypatch.setattr(subprocess, "run", run)
        return called

    return stand_in


def same(one: Mixture, other: Mixture) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("weights", "means", "roots"))


def kept() -> list[Path]:
    return sorted((runs.home().root / kept_mixtures.FOLDER).glob("*.npz"))


def forget() -> None:
    kept_mixtures._mixtures = FileCache(8)


def test_the_mixture_of_a_run_describes_its_codes(tiny_run: Run, fits: list[int]) -> None:
    mixture = kept_mixtures.of(tiny_run)
    drawn = codes.sampled(*codes.encoded(tiny_run, np.arange(1000)), kept_mixtures.SEED)
    # Expectation-maximisation keeps the mean and the covariance of what it is fitted to.
    np.testing.assert_allclose(mixture.weights @ mixture.means, drawn.mean(axis=0), atol=1e-3)
    seen = mixture.draw(50_000, 0)
    np.testing.assert_allclose(np.cov(seen.T), np.cov(drawn.T), atol=0.08 * np.cov(drawn.T).max())
    assert fits == [0]


def test_the_process_that_asks_never_loads_scikit_learn(tiny_run: Run) -> None:
    code = (
        "import pathlib, sys; from genmod.inference import kept_mixtures; from genmod.runs import Run\n"
        "print(kept_mixtures.of(Run(pathlib.Path(sys.argv[1]))).means.shape, {'sklearn', 'scipy'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, str(tiny_run.path)]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=100, check=True)
    assert ended.stdout == "(10, 4) set()\n"
    assert len(kept()) == 1


def test_it_is_fitted_once_and_kept(tiny_run: Run, fits: list[int]) -> None:
    first = kept_mixtures.of(tiny_run)
    forget()
    assert same(kept_mixtures.of(tiny_run), first)
    assert fits == [0] and len(kept()) == 1
    kept()[0].unlink()
    forget()
    assert same(kept_mixtures.of(tiny_run), first)  # the same codes give the same mixture
    assert fits == [0, 0]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"nonsense" * 100, b"\x00" * 3000])
def test_a_damaged_file_is_fitted_again(tiny_run: Run, fits: list[int], content: bytes) -> None:
    first = kept_mixtures.of(tiny_run)
    whole = kept()[0].read_bytes()
    kept()[0].write_bytes(content)
    forget()
    assert same(kept_mixtures.of(tiny_run), first)
    assert fits == [0, 0]
    assert kept()[0].read_bytes() == whole


def test_another_encoder_has_another_mixture(tiny_ae: Run, tmp_path: Path, fits: list[int]) -> None:
    shutil.copytree(tiny_ae.path, tmp_path / "copy")
    copy = Run(tmp_path / "copy")
    first = kept_mixtures.of(copy)
    content = copy.file("encoder.tflite").read_bytes()
    changed = bytearray(content)
    changed[len(content) // 2] ^= 1  # among the weights, which are most of the file
    copy.file("encoder.tflite").write_bytes(bytes(changed))
    checksums.write(copy.path)
    kept_mixtures.of(copy)
    assert fits == [0, 0] and len(kept()) == 2
    assert kept_mixtures.of(tiny_ae).means.shape == first.means.shape
    assert fits == [0, 0]  # the original's is still there


def test_visitors_who_come_together_cost_one_fit(tiny_run: Run, fits: list[int]) -> None:
    found: list[Mixture] = []
    threads = [threading.Thread(target=lambda: found.append(kept_mixtures.of(tiny_run))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(same(one, found[0]) for one in found)
    assert fits == [0]


def test_another_process_that_fits_is_waited_for(tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = runs.home().root / kept_mixtures.FOLDER
    folder.mkdir(parents=True)
    lock = locks.take(folder / kept_mixtures.LOCK)
    assert lock is not None
    monkeypatch.setattr(kept_mixtures, "PATIENCE", 0.1)
    with pytest.raises(RunError, match=r"^Mixtures for other runs are being fitted; try again in a moment\.$"):
        kept_mixtures.of(tiny_run)
    lock.release()
    assert kept_mixtures.of(tiny_run).means.shape == (10, 4)


def test_too_few_images_are_one_sentence(tiny_run: Run, monkeypatch: pytest.MonkeyPatch, fits: list[int]) -> None:
    monkeypatch.setattr(codes, "learned", lambda run: np.arange(99))
    with pytest.raises(RunError, match=r"^The run tiny has learned from 99 images, too few to fit a mixture of 10 "):
        kept_mixtures.of(tiny_run)
    monkeypatch.setattr(codes, "learned", lambda run: np.arange(100))
    assert kept_mixtures.of(tiny_run).means.shape == (10, 4)
    assert fits == [0]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended unexpectedly; try again."),
        ("import sys; sys.exit(1)", "ended unexpectedly; try again."),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "too little memory"),
        (f"import sys; sys.exit({NO_MEMORY})", "too little memory"),
        (f"import sys; sys.exit({IMPOSSIBLE})", "No mixture of 10 Gaussians fits the codes of run tiny"),
        ("print('no mixture')", "is not usable; try again."),
        ("import time; time.sleep(60)", "took more than 1 seconds"),
    ],
)
def test_a_failed_fit_is_one_sentence_and_not_tried_again_at_once(
    tiny_run: Run, child: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    monkeypatch.setattr(kept_mixtures, "FIT_SECONDS", 1.0 if "sleep" in code else 30.0)
    called = child(code)
    sentences = []
    for _ in range(3):
        with pytest.raises(RunError) as caught:
            kept_mixtures.of(tiny_run)
        sentences.append(str(caught.value))
    assert said in sentences[0] and sentences[0].endswith(".") and "\n" not in sentences[0]
    assert len(set(sentences)) == 1
    assert called == ["genmod.inference.mixture_fit"] and kept() == []
    monkeypatch.setattr(kept_mixtures, "PAUSE", 0.0)
    with pytest.raises(RunError):
        kept_mixtures.of(tiny_run)
    assert len(called) == 2


def test_codes_that_are_no_numbers_are_one_sentence(tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "sampled", lambda *given: np.full((1000, 4), np.nan, np.float32))
    with pytest.raises(RunError, match=r"^Not all codes of run tiny are finite numbers"):
        kept_mixtures.of(tiny_run)


def test_without_free_memory_no_process_is_started(
    tiny_run: Run, monkeypatch: pytest.MonkeyPatch, fits: list[int]
) -> None:
    monkeypatch.setattr(memory, "available", lambda: kept_mixtures.NEEDED - 1)
    with pytest.raises(RunError, match="too little memory"):
        kept_mixtures.of(tiny_run)
    assert fits == []


def test_codes_that_never_change_can_be_fitted(tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    same_code = np.random.default_rng(0).standard_normal((1000, 4)).astype(np.float32)
    same_code[:, 2] = 5.0
    monkeypatch.setattr(codes, "sampled", lambda *given: same_code)
    drawn = kept_mixtures.of(tiny_run).draw(100, 0)
    np.testing.assert_allclose(drawn[:, 2], 5.0, atol=0.01)


@pytest.mark.skipif(os.name == "nt", reason="a file in a folder's place is another error there")
def test_a_store_that_cannot_be_written_keeps_nothing_and_fits_all_the_same(tiny_run: Run, fits: list[int]) -> None:
    runs.home().root.mkdir(parents=True)
    (runs.home().root / kept_mixtures.FOLDER).write_text("in the way")
    first = kept_mixtures.of(tiny_run)
    forget()
    assert same(kept_mixtures.of(tiny_run), first)
    assert fits == [0, 0]


def test_of_too_many_the_oldest_go(tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_mixtures, "MOST_KEPT", 3)
    folder = runs.home().root / kept_mixtures.FOLDER
    folder.mkdir(parents=True)
    for age in range(5):
        (folder / f"old-{age}.npz").touch()
        os.utime(folder / f"old-{age}.npz", (1e9 - age, 1e9 - age))
    kept_mixtures.of(tiny_run)
    assert [path.name for path in kept() if path.name.startswith("old")] == ["old-0.npz", "old-1.npz"]
    assert len(kept()) == 3 and (folder / kept_mixtures.LOCK).exists()
