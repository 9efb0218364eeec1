"""What one training and one store may use up, as set by the host."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass

from genmod.errors import ConfigError
from genmod.jobs import footprint
from genmod.kinds import Config, parameters
from genmod.system import memory

WEB = 400_000_000  # bytes that are left to the web process and the system
MARGIN = 1.4  # times the estimate: what a training may really take


@dataclass(frozen=True)
class Limits:
    """The bounds of this host; a number that is not set does not bind.

    Attributes:
        epochs: of one training.
        images: that one training learns from.
        parameters: of one model.
        minutes: of wall time of one training, pauses included.
        store_megabytes: of all runs together.
        memory_megabytes: of one training's process.
    """

    epochs: float = math.inf
    images: float = math.inf
    parameters: float = 20_000_000
    minutes: float = 720
    store_megabytes: float = 10_000
    memory_megabytes: float = math.inf

    def check(self, config: Config) -> None:
        """Refuse a training that is larger than this host allows or can hold.

        Raises:
            ConfigError: with one sentence that says what came and what is allowed.
        """
        for name, value, limit in (
            ("epochs", config.epochs, self.epochs),
            ("training images", config.images, self.images),
            ("parameters", parameters(config), self.parameters),
        ):
            if value > limit:
                raise ConfigError(
                    f"This training would have {value:,} {name}, and this server allows at most {limit:,.0f}; "
                    "choose less."
                )
        self.check_memory(config)

    def check_memory(self, config: Config) -> None:
        """Refuse a training that needs more memory than this host allows or has.

        Raises:
            ConfigError: with one sentence that says what is needed and what there is.
        """
        needed = footprint.needed(config)
        if needed > 1e6 * self.memory_megabytes:
            raise ConfigError(
                f"This training would need about {gigabytes(needed)} of memory, and this server allows one training "
                f"{gigabytes(1e6 * self.memory_megabytes)}; choose a smaller batch or a smaller net."
            )
        if needed > (room := memory.total() - WEB):
            raise ConfigError(
                f"This training would need about {gigabytes(needed)} of memory, and this machine has "
                f"{gigabytes(max(room, 0))} for it; choose a smaller batch or a smaller net."
            )

    def memory_of(self, config: Config) -> int:
        """Bytes that the process of a training may hold before it is ended."""
        return int(min(MARGIN * footprint.needed(config), 1e6 * self.memory_megabytes))


VARIABLES = {
    "epochs": "GENMOD_MAX_EPOCHS",
    "images": "GENMOD_MAX_IMAGES",
    "parameters": "GENMOD_MAX_PARAMETERS",
    "minutes": "GENMOD_MAX_MINUTES",
    "store_megabytes": "GENMOD_MAX_STORE_MB",
    "memory_megabytes": "GENMOD_MAX_MEMORY_MB",
}
WORKERS = "GENMOD_WORKERS"
MOST_WORKERS = 100
SPARE = "GENMOD_SPARE"


def limits(environment: Mapping[str, str] = os.environ) -> Limits:
    """The bounds that the environment sets.

    Raises:
        ConfigError: if a variable holds what is no bound: it would otherwise not bind, and nobody would know.
    """
    return Limits(**{name: _bound(variable, environment[variable]) for name, variable in VARIABLES.items()
                     if variable in environment})  # fmt: skip


def allowed_workers(environment: Mapping[str, str] = os.environ) -> int:
    """How many trainings may run at once; one if nothing is set.

    Raises:
        ConfigError: if `GENMOD_WORKERS` is not a whole number from 1 on.
    """
    text = environment.get(WORKERS, "1")
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST_WORKERS:
        raise ConfigError(_complaint(WORKERS, text, f"a whole number from 1 to {MOST_WORKERS}"))
    return number


def spare_allowed(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a trainer process may wait already warm.

    Raises:
        ConfigError: if `GENMOD_SPARE` is neither 0 nor 1.
    """
    text = environment.get(SPARE, "1")
    if text not in ("0", "1"):
        raise ConfigError(_complaint(SPARE, text, "0 or 1"))
    return text == "1"


def check_environment(environment: Mapping[str, str] = os.environ) -> None:
    """Refuse to start with a variable whose value cannot be meant.

    Raises:
        ConfigError: with one sentence that names the variable, its value and what was expected.
    """
    limits(environment)
    allowed_workers(environment)
    spare_allowed(environment)


def gigabytes(count: float) -> str:
    """A number of bytes for people, such as "1.3 GB"."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.0f} MB"


def _bound(variable: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise ConfigError(_complaint(variable, text, "a number above 0, such as 500"))
    return value


def _complaint(variable: str, text: str, expected: str) -> str:
    shown = repr(text[:40] + "…" if len(text) > 40 else text) if text.strip() else "empty"
    return f"The environment variable {variable} is {shown}; it must be {expected}, or not be set."
