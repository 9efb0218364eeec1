"""The pad's script: its files, joined in this order to one module for the browser, whose functions they share."""

from __future__ import annotations

from pathlib import Path

from genmod.ui.scripts import Script

_HERE = Path(__file__).parent
FILES = (
    "page.js", "network.js", "fetching.js", "together.js", "grounds.js", "hands.js", "map.js", "sliders.js", "board.js",
    "paper.js",
)  # fmt: skip
SCRIPT = Script("pad", [_HERE / name for name in FILES])
