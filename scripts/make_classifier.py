"""Train the classifier of a data set, which judges samples, and measure both ends of every scale with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from genmod import datasets
from genmod.quality import reference
from genmod.system.quiet import quiet


def main() -> int:
    """Make the classifier of the data set named first, in the folder named second or the shipped one."""
    source = datasets.source(sys.argv[1] if len(sys.argv) > 1 else datasets.MNIST.name)
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else reference.folder(source)
    with quiet():
        from genmod.training import classifier

        about = classifier.make(folder, source)
    print(f"test accuracy {about['test_accuracy']:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
