"""What one training and one store may use up, set by whoever runs a public host."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from genmod.architecture import parameters
from genmod.config import Config
from genmod.errors import ConfigError


@dataclass(frozen=True)
class Limits:
    """The bounds of this host; a number that is not set does not bind.

    Attributes:
        epochs: of one training.
        images: that one training learns from.
        parameters: of one model.
        minutes: of wall time of one training, pauses included.
        store_megabytes: of all runs together.
    """

    epochs: float = float("inf")
    images: float = float("inf")
    parameters: float = 20_000_000
    minutes: float = 720
    store_megabytes: float = 10_000

    def check(self, config: Config) -> None:
        """Refuse a training that is larger than this host allows.

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


VARIABLES = {
    "epochs": "GENMOD_MAX_EPOCHS",
    "images": "GENMOD_MAX_IMAGES",
    "parameters": "GENMOD_MAX_PARAMETERS",
    "minutes": "GENMOD_MAX_MINUTES",
    "store_megabytes": "GENMOD_MAX_STORE_MB",
}


def limits(environment: Mapping[str, str] = os.environ) -> Limits:
    """The bounds that the environment sets. A value that is no number above 0 leaves the default."""
    values = {}
    for name, variable in VARIABLES.items():
        try:
            value = float(environment.get(variable, ""))
        except ValueError:
            continue
        if value > 0:
            values[name] = value
    return Limits(**values)
