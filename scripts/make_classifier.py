"""Train the classifier of a data set, which judges samples, and measure both ends of every scale with it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from genmod import datasets
from genmod.quality import reference
from genmod.system.quiet import quiet


def main() -> int:
    """Make the classifier of a data set, or measure the ends of its scales again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", nargs="?", choices=list(datasets.DATASETS), default=datasets.MNIST.name)
    parser.add_argument("folder", nargs="?", type=Path, help="where it is made; the shipped one if not given")
    parser.add_argument(
        "--ends", action="store_true",
        help="train nothing; measure again the ends of the scales, and how near two images lie that count as one",
    )  # fmt: skip
    options = parser.parse_args()
    source = datasets.source(options.dataset)
    folder = options.folder or reference.folder(source)
    with quiet():
        from genmod.training import classifier

        about = classifier.measure_again(folder, source) if options.ends else classifier.make(folder, source)
    print(f"test accuracy {about['test_accuracy']:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
