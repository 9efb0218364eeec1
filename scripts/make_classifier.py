"""Train the digit classifier that judges samples, and measure both ends of every scale with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from genmod.datasets import mnist
from genmod.quality import reference
from genmod.system.quiet import quiet


def main() -> int:
    """Make the folder named on the command line, or the shipped one."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else reference.FOLDER
    with quiet():
        from genmod.training import classifier

        about = classifier.make(folder, mnist())
    print(f"test accuracy {about['test_accuracy']:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
