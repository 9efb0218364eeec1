"""A folder of runs: listing, making and removing them, and finding the one that is meant."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from genmod.errors import GenmodError, RunError, StoreError
from genmod.kinds import Config
from genmod.runs import recipe
from genmod.runs.run import BASE, PINNED, STATUS, Run, read_remembered
from genmod.runs.stamps import after
from genmod.runs.status import QUEUED
from genmod.system import files, locks
from genmod.system.project import PROJECT

SHIPPED = PROJECT / "checkpoints"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_ID = 64
PATIENCE = 20.0  # seconds to wait for the store's lock
REMOVED = ".removed.jsonl"  # runs that had to make room
MOST_WORDS = 1_000  # of one reason, in characters
MOST_REMOVED = 1_000_000  # bytes of them, looked at


class Store:
    """A folder of runs."""

    def __init__(self, root: Path, shipped: bool = False) -> None:
        self.root = Path(root)
        self.shipped = shipped

    def runs(self) -> list[Run]:
        """All run folders, newest first (shipped ones by name); damaged ones too."""
        try:
            with os.scandir(self.root) as entries:
                folders = [entry.path for entry in entries if ID.fullmatch(entry.name) and _is_folder(entry)]
        except OSError:
            return []
        found = []
        for path in folders:
            config = read_remembered(f"{path}/{recipe.NAME}")
            if config is not None or any(os.path.exists(f"{path}/{name}") for name in (recipe.NAME, STATUS)):
                found.append((files.one_line((config or {}).get("created")), path))
        # Shipped ones all come at once, whatever the order they were made in.
        found.sort(key=(lambda item: item[1]) if self.shipped else None, reverse=not self.shipped)
        return [Run(Path(path), self.shipped) for _, path in found]

    def find(self, run_id: str) -> Run | None:
        """The run of that id, by listing: what a visitor typed never becomes a path."""
        return next((run for run in self.runs() if run.id == run_id), None)

    def create(self, config: Config, run_id: str | None = None, base: Mapping[str, bytes] | None = None) -> Run:
        """Make a new queued run; the folder appears whole or not at all.

        Raises:
            StoreError: if the store cannot be written.
            RunError: if the id is taken or not of the form a-z, 0-9 and single dashes.
        """
        _check_id(run_id)
        with self.lock():
            return self.add(config, run_id, base)

    def add(self, config: Config, run_id: str | None = None, base: Mapping[str, bytes] | None = None) -> Run:
        """As `create`, for a caller that holds the store's lock already. A run with an id of its own is pinned.

        Args:
            base: the files that it keeps of the run that it is built on, by name.
        """
        _check_id(run_id)
        target = self.root / (run_id or self.new_id(config))
        draft = self.root / f".draft-{secrets.token_hex(6)}"
        try:
            if target.exists():
                raise RunError(f"The run {target.name} already exists in this store; choose another id.")
            draft.mkdir(parents=True)
            try:
                created, since = self._next_stamps()
                _fill(Run(draft), config, run_id is not None, created, since, base or {})
                os.rename(draft, target)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            files.flush_folder(self.root)
        except OSError as error:
            raise StoreError(self.unwritable(error)) from None
        return Run(target)

    def _next_stamps(self) -> tuple[str, str]:
        """When the next run is asked for and since when it waits: after all that are there, whatever the clock says."""
        found = self.runs()
        standing = [run.status() for run in found]
        created = after(run.created() for run in found)
        return created, max(created, after(status.since for status in standing if status.waiting))

    def delete(self, run: Run, reason: str | None = None) -> None:
        """Remove a run and all its files: first it leaves the listing, then its files go.

        Args:
            reason: why, if no visitor asked for it; those who come by an old link are told.

        Raises:
            RunError: if it ships with the project or is being trained.
        """
        if run.shipped or self.shipped:
            raise RunError(f"The run {run.id} ships with the project and cannot be deleted.")
        if run.locked():
            raise RunError(f"The run {run.id} is being trained; stop it first.")
        grave = self.root / f".deleted-{secrets.token_hex(6)}"
        try:
            os.rename(run.path, grave)
        except OSError as error:
            raise StoreError(self.unwritable(error)) from None
        with suppress(OSError):
            files.flush_folder(self.root)
        if reason is not None:
            with suppress(OSError):
                files.append(self.root / REMOVED, (json.dumps({"id": run.id, "reason": reason}) + "\n").encode())
        shutil.rmtree(grave, ignore_errors=True)

    def why_removed(self, run_id: str) -> str | None:
        """Why a run is gone that was removed without anybody asking; None if that is not so."""
        try:
            lines = files.read_tail(self.root / REMOVED, MOST_REMOVED).splitlines()
        except OSError:
            return None
        for line in lines:
            with suppress(ValueError, RecursionError):
                entry = json.loads(line)
                if isinstance(entry, dict) and entry.get("id") == run_id:
                    return str(entry.get("reason"))[:MOST_WORDS]
        return None

    def sweep(self) -> None:
        """Remove what killed processes have left: half-made and half-deleted runs, none of them ever listed."""
        if not self.root.is_dir():
            return
        with self.lock():
            for pattern in (".draft-*", ".deleted-*"):
                for path in self.root.glob(pattern):
                    shutil.rmtree(path, ignore_errors=True)

    def new_id(self, config: Config) -> str:
        """A fresh id that says kind and preset."""
        alphabet = "23456789abcdefghjkmnpqrstuvwxyz"
        return f"{config.kind}-{config.preset}-" + "".join(secrets.choice(alphabet) for _ in range(5))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held while the order of the queue is looked at or changed; never for long.

        Raises:
            StoreError: if the store cannot be written, or another process keeps the lock.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = locks.take(self.root / ".store.lock", PATIENCE)
        except OSError as error:
            raise StoreError(self.unwritable(error)) from None
        if lock is None:
            raise StoreError("The store of runs is busy; try again in a moment.")
        try:
            yield
        finally:
            lock.release()

    def unwritable(self, error: OSError) -> str:
        """The sentence for an error met while writing in the store."""
        reason = error.strerror or type(error).__name__
        return (
            f"Runs cannot be saved in the folder {self.root} ({reason}); "
            "free some space or set GENMOD_HOME to a folder that can be written."
        )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder; a link that leads nowhere, or round in a circle, hides no other run."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _check_id(run_id: str | None) -> None:
    if run_id is not None and (not ID.fullmatch(run_id) or len(run_id) > LONGEST_ID):
        raise RunError(
            f"The id {run_id[:80]!r} cannot be used; it must be at most {LONGEST_ID} of a-z, 0-9 and "
            "single dashes, such as my-first-run."
        )


def _fill(run: Run, config: Config, pinned: bool, created: str, since: str, base: Mapping[str, bytes]) -> None:
    files.write_json(run.file(recipe.NAME), recipe.table(config, created))
    run.file("samples").mkdir()
    if base:
        run.file(BASE).mkdir()
        for name, content in base.items():
            files.write_bytes(run.file(BASE) / name, content)
    if pinned:
        files.write_bytes(run.file(PINNED), b"")
    run._write_status(QUEUED, "Waiting to start.", since)


def home() -> Store:
    """The store of own runs: `$GENMOD_HOME`, or the folder `runs` of the project."""
    return Store(Path(os.environ.get("GENMOD_HOME") or PROJECT / "runs"))


def shipped() -> Store:
    """The runs that come with the project."""
    return Store(SHIPPED, shipped=True)


def listed(run_id: str) -> Run | None:
    """The run of that id, own ones first; found by listing, so that what a visitor typed never becomes a path."""
    try:
        return home().find(run_id) or shipped().find(run_id)
    except GenmodError:
        return None


def find(name: str, store: Store | None = None) -> Run:
    """The run meant by `name`: a run's folder, or an id among own runs first, then the shipped ones.

    Raises:
        RunError: if there is none.
    """
    folder = Path(name)
    if any(os.path.isfile(folder / file) for file in (recipe.NAME, STATUS)):
        return Run(folder.resolve(), shipped=folder.resolve().parent == SHIPPED)
    for place in (store or home(), shipped()):
        if (run := place.find(name)) is not None:
            return run
    known = [run.id for place in (store or home(), shipped()) for run in place.runs()][:8]
    raise RunError(
        f"There is no run {name[:80]!r}; give a run's folder or one of the ids "
        + (", ".join(known) if known else "that `python -m genmod runs` lists")
        + "."
    )
