"""What a trainer process loads, and what it does without."""

from __future__ import annotations

import subprocess
import sys

from genmod.system.project import PROJECT

LOADED = """
import sys
from genmod.training.lean import lean
with lean():
    import genmod.training.trainer, genmod.training.engine
print(*(name for name in ("keras", "tensorflow", "sklearn", "scipy") if sys.modules.get(name)))
from sklearn.linear_model import LogisticRegression  # is installed all the same
print(LogisticRegression().C)
"""


def test_a_trainer_loads_neither_scikit_learn_nor_scipy_and_could() -> None:
    command = [sys.executable, "-c", LOADED]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=100, check=True)
    assert ended.stdout.split() == ["keras", "tensorflow", "1.0"]
