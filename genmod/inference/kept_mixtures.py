"""Mixtures of Gaussians fitted to the codes of runs: each fitted once, in a process of its own, and kept.

Drawing latents from such a fit instead of the prior is ex-post density estimation (Ghosh et al. 2020,
arXiv:1903.12436).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from genmod import runs
from genmod.datasets import Floats
from genmod.errors import RunError
from genmod.inference import codes, exports
from genmod.inference.mixture import COMPONENTS, IMPOSSIBLE, NO_MEMORY, Mixture, packed, unpacked
from genmod.runs import Run, checksums
from genmod.system import files, locks, memory
from genmod.system.file_cache import FileCache
from genmod.system.project import PROJECT

FOLDER = ".mixtures"  # in the store of own runs, for shipped runs too; no run can have this name
LOCK = "fit.lock"
IMAGES = 10_000  # whose codes a mixture is fitted to; it changes little with more
FEWEST = 10 * COMPONENTS  # with fewer a component would be a handful of codes
SEED = 0  # of the codes that are drawn to fit it to
VERSION = 1  # of the fit: raised when the same codes would give another mixture
LARGEST = 1_000_000  # bytes of a mixture
MOST_KEPT = 200
FIT_SECONDS = 60.0  # of the wall clock; an idle machine takes two
PATIENCE = 60.0  # seconds to wait for the fits of others
NEEDED = 300_000_000  # bytes that the process takes at its largest
PAUSE = 60.0  # seconds before a fit that failed is tried again, however many visitors ask
MOST_FAILED = 1_000  # remembered

_mixtures: FileCache[Mixture] = FileCache(32)
_failed: dict[str, tuple[float, str]] = {}
_fitting = threading.Lock()


def of(run: Run) -> Mixture:
    """The mixture of `COMPONENTS` Gaussians fitted to codes of images that the run has learned from.

    Of each image one code is drawn from what the encoder says. The fit is made by the first who asks, takes about two
    seconds, and is kept for as long as the encoder stays the same.

    Raises:
        RunError: if the run has no encoder, or no mixture can be fitted.
    """
    codes.check_encodes(run)
    return _mixtures.get(str(run.exported(exports.ENCODER)), lambda _: _kept_or_fitted(run))


def _kept_or_fitted(run: Run) -> Mixture:
    key, latent_dim = _key(run), run.config().latent_dim
    path = runs.home().root / FOLDER / f"{key}.npz"
    if (kept := _read(path, latent_dim)) is not None:
        return kept
    with _alone(path.parent):
        if (kept := _read(path, latent_dim)) is not None:  # fitted by another meanwhile
            return kept
        since, sentence = _failed.get(key, (0.0, ""))
        if sentence and time.monotonic() - since < PAUSE:
            raise RunError(sentence)
        try:
            mixture = _fitted(run, latent_dim)
        except RunError as error:
            if len(_failed) >= MOST_FAILED:
                _failed.clear()
            _failed[key] = time.monotonic(), str(error)
            raise
        _keep(path, mixture)
    return mixture


def _key(run: Run) -> str:
    """What a fit depends on, as the name of its file: another encoder has another."""
    sha256 = hashlib.sha256(checksums.verified(run, exports.ENCODER)).hexdigest()
    return f"{sha256}-{run.config().source.name}-{_images(run)}-{VERSION}"


def _images(run: Run) -> int:
    return min(IMAGES, len(codes.learned(run)))


def _read(path: Path, latent_dim: int) -> Mixture | None:
    """The mixture in a file; None if it is missing or damaged."""
    try:
        content = files.read_bytes(path, LARGEST)
    except OSError:
        return None
    return unpacked(content, latent_dim)


def _keep(path: Path, mixture: Mixture) -> None:
    """Write the file, and remove the oldest of too many; a store that cannot be written keeps nothing."""
    with contextlib.suppress(OSError):
        files.write_bytes(path, packed(mixture))
        found = sorted(path.parent.glob("[!.]*.npz"), key=os.path.getmtime)
        for old in found[:-MOST_KEPT]:
            old.unlink()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Held while a mixture is fitted: one at a time in the store, so that many visitors cost no more than one.

    Raises:
        RunError: if others are fitted for too long.
    """
    busy = "Mixtures for other runs are being fitted; try again in a moment."
    if not _fitting.acquire(timeout=PATIENCE):
        raise RunError(busy)
    try:
        lock, writable = None, True
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = locks.take(folder / LOCK, PATIENCE)
        except OSError:
            writable = False  # then each process fits its own
        if lock is None and writable:
            raise RunError(busy)
        try:
            yield
        finally:
            if lock is not None:
                lock.release()
    finally:
        _fitting.release()


def _fitted(run: Run, latent_dim: int) -> Mixture:
    count = _images(run)
    if count < FEWEST:
        raise RunError(
            f"The run {run.id} has learned from {count} image{'s' if count != 1 else ''}, too few to fit a mixture of "
            f"{COMPONENTS} Gaussians to their codes; {FEWEST} are the fewest."
        )
    drawn = codes.sampled(*codes.encoded(run, codes.learned(run)[:count]), SEED)
    if not np.isfinite(drawn).all():
        raise RunError(f"Not all codes of run {run.id} are finite numbers, so no mixture can be fitted to them.")
    found = unpacked(_answer(run, drawn), latent_dim)
    if found is None:
        raise RunError(f"The mixture fitted to the codes of run {run.id} is not usable; try again.")
    return found


def _answer(run: Run, drawn: Floats) -> bytes:
    """What the process that fits writes, given codes (n, latent_dim)."""
    no_memory = f"There is too little memory to fit a mixture to the codes of run {run.id}; try again later."
    if memory.available() < NEEDED:
        raise RunError(no_memory)
    given = io.BytesIO()
    np.save(given, drawn.astype(np.float64), allow_pickle=False)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "genmod.inference.mixture_fit"],
            cwd=PROJECT,
            # Small matrices: two threads that wait for each other take ten times as long as one.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            input=given.getvalue(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=FIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RunError(
            f"Fitting a mixture to the codes of run {run.id} took more than {FIT_SECONDS:.0f} seconds and was ended; "
            "try again when the machine has less to do."
        ) from None
    except OSError as error:
        raise RunError(f"The process that fits a mixture could not be started ({error.strerror}).") from None
    if ended.returncode == 0:
        return ended.stdout
    if ended.returncode == IMPOSSIBLE:
        raise RunError(
            f"No mixture of {COMPONENTS} Gaussians fits the codes of run {run.id}: they are too much alike or too far "
            "apart to calculate with."
        )
    if ended.returncode in (NO_MEMORY, -getattr(signal, "SIGKILL", 9)):  # the system kills when memory runs out
        raise RunError(no_memory)
    raise RunError(f"The process that fits a mixture to the codes of run {run.id} ended unexpectedly; try again.")
