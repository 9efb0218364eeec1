"""From images to a probability: a run's discriminator."""

from __future__ import annotations

from genmod.datasets import Floats, Images, Labels, to_float
from genmod.inference import exports
from genmod.runs import Run


class Discriminator:
    """Images to the probability that they are real."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        self._model = exports.exported(run, exports.DISCRIMINATOR, threads)

    def judge(self, images: Images, labels: Labels | None = None) -> Floats:
        """The probability that each of uint8 images (n, 28, 28) is real, shape (n,).

        Args:
            labels: for a conditional model the class that each image is said to show, shape (n,).
        """
        return self._model(to_float(images), labels)[0][:, 0]
