"""Runs that other runs are built on: which can be, and the copy that such a run keeps so that the first may go."""

from __future__ import annotations

from collections.abc import Iterator

from genmod import kinds
from genmod.errors import ConfigError, GenmodError, RunError
from genmod.kinds import Config, Setting
from genmod.runs import checksums, recipe
from genmod.runs.run import Run
from genmod.runs.status import DONE, STOPPED
from genmod.runs.store import Store, shipped

KERAS = "model.keras"
FITTING = frozenset({DONE, STOPPED})


def choices(item: Setting, store: Store, dataset: str | None = None) -> list[Run]:
    """The runs that a setting may name, own ones first, newest first.

    Args:
        dataset: only those that have learned these images; all if not given.
    """
    return [run for run in _all(store) if _fits(run, item) and dataset in (None, run.config().dataset)]


def _all(store: Store) -> Iterator[Run]:
    yield from store.runs()
    yield from shipped().runs()


def _fits(run: Run, item: Setting) -> bool:
    try:
        return not _complaint(run, item)
    except GenmodError:
        return False


def _complaint(run: Run, item: Setting) -> str:
    """Why a run cannot be what a setting names, to follow its id; empty if it can."""
    kind, status = run.kind(), run.status()
    wanted = kinds.kind(item.run_of)
    if kind.name != wanted.name:
        return f"is of the kind {kind.name}"
    if status.state not in FITTING:
        return f"is not finished; it is {status.state}"
    if not run.has(KERAS) or not all(run.has(f"{name}.tflite") for name in kind.networks):
        return f"does not have all of its models ({KERAS} and what it draws with)"
    return ""


def resolved(config: Config, store: Store) -> Config:
    """The same settings, with those of the run that they name; unchanged for a kind that is built on none.

    Raises:
        ConfigError: if there is no such run, or nothing can be built on it.
    """
    item = config.base_setting
    if item is None:
        return config
    run = find(config, store)
    found = config.on(run.config())
    if sentence := kinds.of(found).complaint(found):
        raise ConfigError(sentence)
    return found


def find(config: Config, store: Store) -> Run:
    """The run that the settings name, which is one that can be built on.

    Raises:
        ConfigError: if there is none.
    """
    item = config.base_setting
    assert item is not None
    wanted = str(config.values[item.name])
    run = store.find(wanted) or shipped().find(wanted)
    if run is None:
        return _refuse(f"There is no run {wanted}", item, store)
    try:
        complaint = _complaint(run, item)
    except RunError as error:  # its settings cannot be read
        raise ConfigError(f"{item.flag} names a damaged run: {error}") from None
    if complaint:
        return _refuse(f"The run {wanted} {complaint}", item, store)
    return run


def _refuse(what: str, item: Setting, store: Store) -> Run:
    known = [run.id for run in choices(item, store)][:6]
    advice = f"choose one of {', '.join(known)}" if known else f"train a {item.run_of} first"
    raise ConfigError(f"{what}, and {item.flag} must be {item.expectation}; {advice}.")


def copied(config: Config, store: Store) -> dict[str, bytes]:
    """The files that a new run keeps of the run that it is built on, by name; none for a kind that is built on none.

    Raises:
        ConfigError: as for `find`.
        RunError: if one of them is damaged.
    """
    if config.base_setting is None:
        return {}
    run = find(config, store)
    # Its encoder, too: the map of the codes that ways end among outlives the run.
    names = [KERAS, *(f"{name}.tflite" for name in run.kind().networks)]
    return {name: checksums.verified(run, name) for name in names} | {
        name: run.read_export(name) if name == checksums.NAME else run.file(name).read_bytes()
        for name in (recipe.NAME, checksums.NAME)
        if run.has(name)
    }
