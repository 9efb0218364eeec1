"""The pad's script: networks, grounds, the pad itself and the paper to draw on, as one module for the browser."""

from __future__ import annotations

from pathlib import Path

from genmod.ui.scripts import Script

_HERE = Path(__file__).parent
SCRIPT = Script("pad", [_HERE / name for name in ("network.js", "grounds.js", "pad.js", "paper.js")])
