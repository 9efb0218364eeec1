"""What a run was made from: its config.json, and one word for all that its result depends on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from genmod import kinds
from genmod.errors import ConfigError, RunError
from genmod.kinds import Config

NAME = "config.json"
ALWAYS_COUNTED = 4  # the last format of config.json whose settings all count, as they did when its runs were made


def table(config: Config, created: str) -> dict[str, Any]:
    """What config.json holds: the settings, the data set with its hash, versions and fingerprint."""
    data = {"format": kinds.FORMAT, "created": created, **config.to_json(), "versions": versions()}
    data["data"] = {**data["data"], "sha256": config.source.sha256}
    data["fingerprint"] = fingerprint(config)
    return data


def read(data: dict[str, Any] | None, run_id: str) -> Config:
    """The settings that a run's config.json holds.

    Raises:
        RunError: if it is missing, torn or of another version of the format.
    """
    if data is None:
        raise RunError(f"The run {run_id} has no readable config.json; delete its folder or restore the file.")
    number = data.get("format")
    if type(number) is not int or number not in kinds.READABLE:
        *older, newest = sorted(kinds.READABLE)
        shown = repr(number)[:20] if isinstance(number, int | float | str) else "no number"
        raise RunError(
            f"The run {run_id} has format {shown} and this version reads "
            f"{', '.join(map(str, older))} and {newest}; "
            "train it again or use the version that made it."
        )
    try:
        return kinds.from_json(data)
    except ConfigError as error:
        raise RunError(f"The config.json of run {run_id} cannot be used: {error}") from None


def fingerprint(config: Config) -> str:
    """One word for all that a training's result depends on: its settings, data, recipe and base.

    A setting that came later counts only where it says something else than what was so before it came: a run keeps
    its fingerprint when its kind learns something new.
    """
    kind = kinds.of(config)
    values = {
        item.name: list(value) if isinstance(value, tuple) else value
        for item in config.settings()
        for value in [config.values[item.name]]
        if item.since <= ALWAYS_COUNTED or value != item.default
    }
    parts = [kind.name, str(kind.recipe), json.dumps(values, sort_keys=True), config.source.sha256]
    if config.base is not None:
        parts.append(fingerprint(config.base))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def versions() -> dict[str, str]:
    """The versions a run was made with, without importing anything heavy."""
    import platform
    from importlib import metadata

    from genmod import __version__

    found = {"genmod": __version__, "python": platform.python_version()}
    for name in ("tensorflow", "keras", "numpy"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
