"""Peak memory of real short trainings beside what is estimated from their settings.

`python -m benchmarks.memory_estimate`; an estimate is to be on the safe side, and at most twice what is seen.
`--most GB` leaves out trainings whose estimate is larger (default: 6).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time

from genmod import kinds
from genmod.jobs import footprint
from genmod.kinds import Config
from genmod.system import memory
from genmod.system.project import PROJECT

LOOK = 0.02  # seconds between two looks at the process
WIDE = (1024, 1024, 1024, 1024)
MANY = (128, 128, 128)


def cases() -> list[Config]:
    """A spread over kinds, layers, widths, losses and batches; two steps of each are enough."""
    vae, gan = kinds.from_preset("vae", "article"), kinds.from_preset("gan", "dense")
    conv = kinds.from_preset("gan", "dcgan")
    wide = {"generator_units": WIDE, "discriminator_units": WIDE}
    many = {"generator_filters": MANY, "discriminator_filters": MANY}
    heads = {"generator_start": 1024, "discriminator_head": 1024}
    slow = {"hidden_units": WIDE, "learning_rate": 1e-4}  # else it diverges at once
    found = [
        vae,
        vae.replace(batch_size=10_000),
        vae.replace(**slow),
        vae.replace(**slow, batch_size=10_000, conditional=True, optimizer="adam"),
        kinds.from_preset("vae", "best", batch_size=2000),
        kinds.from_preset("vae", "conv", batch_size=2000),
        kinds.from_preset("vae", "conv", batch_size=500, filters=(128, 128)),
        kinds.from_preset("ae", "article", batch_size=10_000),
        gan,
        gan.replace(batch_size=10_000),
        gan.replace(**wide),
        gan.replace(**wide, batch_size=5000),
        gan.replace(loss="wgan-gp", discriminator_steps=3),
        gan.replace(loss="wgan-gp", discriminator_steps=3, batch_size=3000),
        gan.replace(loss="wgan-gp", discriminator_steps=3, batch_size=10_000, **wide),
        conv,
        conv.replace(batch_size=500),
        conv.replace(batch_size=1000),
        conv.replace(batch_size=3000),
        conv.replace(**many),
        conv.replace(**many, batch_size=200),
        conv.replace(**many, batch_size=600),
        conv.replace(**many, batch_size=1500),
        conv.replace(**many, **heads, batch_size=500),
        conv.replace(generator_filters=(128,), discriminator_filters=(128,), batch_size=300),
        conv.replace(loss="wgan-gp"),
        conv.replace(loss="wgan-gp", batch_size=500),
        conv.replace(loss="wgan-gp", **many, batch_size=100),
        conv.replace(loss="wgan-gp", **many, batch_size=400),
    ]
    return [config.replace(epochs=1, images=min(max(2 * config.batch_size, 1000), 20_000)) for config in found]


def peak(config: Config, most: int) -> tuple[int, str]:
    """The most bytes that the process of a training held, and how it ended; it is ended beyond `most`."""
    options = [word for item in config.settings() for word in (item.flag, item.text(config.values[item.name]))]
    with tempfile.TemporaryDirectory() as store, open(os.devnull, "wb") as nowhere:
        command = [sys.executable, "-m", "genmod", "train", config.kind, "--preset", config.preset, "--store", store]
        process = subprocess.Popen([*command, *options], cwd=PROJECT, stdout=nowhere, stderr=nowhere)
        seen = 0
        while process.poll() is None:
            seen = max(seen, memory.of(process.pid))
            if seen > most:
                process.kill()
            time.sleep(LOOK)
    return seen, "well" if process.returncode == 0 else f"with {process.returncode}"


def main() -> None:
    """Print a line for each case, and the worst ratios at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=float, default=6.0, metavar="GB")
    most = int(1e9 * parser.parse_args().most)
    ratios = []
    for config in cases():
        estimate = footprint.needed(config)
        if estimate > most:
            continue
        seen, ended = peak(config, most)
        ratios.append(estimate / seen)
        print(
            f"estimate {estimate / 1e6:6,.0f} MB, seen {seen / 1e6:6,.0f} MB, ratio {ratios[-1]:.2f}, ended {ended}: "
            f"{config.kind} {kinds.describe(config)}",
            flush=True,
        )
    print(f"{len(ratios)} trainings; an estimate is {min(ratios):.2f} to {max(ratios):.2f} times what was seen.")


if __name__ == "__main__":
    main()
