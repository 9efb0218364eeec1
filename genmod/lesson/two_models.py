"""A discriminative and a generative model of the same points in the plane, both by scikit-learn.

Whoever imports this imports scikit-learn and SciPy, which costs a second of a core and 90 MB: only when the chapter is
opened.
"""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from genmod.datasets import Doubles, Floats, Indices
from genmod.lesson.plane import GRID, LEAST_SPREAD, SIDE, Placed

FLOOR = LEAST_SPREAD**2  # added to each variance
POINTS_EACH = 3  # that a Gaussian of a mixture needs, in different places
MIDDLE = SIDE / 2

# With several threads, the matrices of a few points cost a hundred times as long: the threads wait for each other.
_THREADS = ThreadpoolController()
_ONE_AT_A_TIME = threading.Lock()  # the number of threads is set for the whole process


@dataclass(frozen=True)
class TwoModels:
    """What both models have learned.

    Attributes:
        classes: the numbers of the classes that have points; k of them.
        shares: of the points that each class has, (k,): the generative model's p(y).
        discriminative: the logistic regression; None where there is one class alone.
        generative: the distribution of each class's points, a Gaussian or a mixture of some.
        own_densities: the generative model's log p(x) at each of the points, (n,), sorted.
        hits: how many of the points each model gives to their own class: the discriminative and the generative one.
        boundary_grid: log p(y | x) of the discriminative model, (GRID, GRID, k), rows upwards; None if there is none.
        joint_grid: log p(x, y) of the generative model, (GRID, GRID, k).
    """

    classes: tuple[int, ...]
    shares: Doubles
    discriminative: LogisticRegression | None
    generative: tuple[GaussianMixture, ...]
    own_densities: Doubles
    hits: tuple[int | None, int]
    boundary_grid: Floats | None
    joint_grid: Floats

    def conditional(self, points: Doubles) -> Doubles:
        """The discriminative model's p(y | x) of points (n, 2), (n, k); 1 where there is one class."""
        return _conditional(self.discriminative, points)

    def log_joint(self, points: Doubles) -> Doubles:
        """The generative model's log p(x, y) of points (n, 2), (n, k)."""
        return _log_joint(self.generative, self.shares, points)

    def draw(self, count: int, seed: int) -> tuple[Doubles, Indices]:
        """New points (count, 2) from p(x, y), and the numbers of their classes (count,)."""
        rng = np.random.default_rng(seed)
        counts = rng.multinomial(count, self.shares)
        drawn = []
        for mixture, wanted in zip(self.generative, counts, strict=True):
            if wanted:
                fresh = copy.copy(mixture).set_params(random_state=int(rng.integers(1 << 31)))
                drawn.append(fresh.sample(int(wanted))[0])
        return np.concatenate(drawn), np.repeat(np.array(self.classes, np.int64), counts)

    def strips(self, edges: Sequence[float]) -> Doubles:
        """The generative model's p(x in a strip, y), (strips, k): their sum is 1.

        Args:
            edges: between the strips, which divide the first coordinate; the outer strips have no end.
        """
        bounds = [-math.inf, *edges, math.inf]
        below = np.array(
            [[_share_below(mixture, bound) for mixture in self.generative] for bound in bounds]
        )  # of each class
        return np.diff(below, axis=0) * self.shares


@lru_cache(maxsize=24)
def learn(placed: Placed, gaussians: int) -> TwoModels:
    """Fit both models.

    Args:
        placed: at least one point.
        gaussians: of which the distribution of each class is made, at most; a class of few points gets fewer.
    """
    at, labels, classes = placed.at, placed.labels, placed.classes
    shares = np.array([placed.count(number) for number in classes]) / len(labels)
    with _ONE_AT_A_TIME, _THREADS.limit(limits=1):
        discriminative = _boundary(at, labels) if len(classes) > 1 else None
        generative = tuple(_distribution(at[labels == number], gaussians) for number in classes)
        joint = _log_joint(generative, shares, at)
        answers = None if discriminative is None else _conditional(discriminative, at)
        grid = _grid()
        return TwoModels(
            classes,
            shares,
            discriminative,
            generative,
            np.sort(np.logaddexp.reduce(joint, axis=1)),
            (None if answers is None else _hits(answers, labels, classes), _hits(joint, labels, classes)),
            None if discriminative is None else _on_grid(np.log(_conditional(discriminative, grid) + 1e-300)),
            _on_grid(_log_joint(generative, shares, grid)),
        )


def components(points: Doubles, gaussians: int) -> int:
    """Of how many Gaussians the distribution of points (n, 2) is made: as many as asked for, where there are enough."""
    return max(1, min(gaussians, len(np.unique(points, axis=0)) // POINTS_EACH))


def _boundary(points: Doubles, labels: Indices) -> LogisticRegression:
    return LogisticRegression(max_iter=1_000).fit(points - MIDDLE, labels)


def _distribution(points: Doubles, gaussians: int) -> GaussianMixture:
    """The mixture of Gaussians that makes a class's points likeliest; always the same for the same points."""
    # One point alone scikit-learn refuses. Twice the same has the same mean, and no spread but the floor.
    points = np.repeat(points, 2, axis=0) if len(points) == 1 else points
    return GaussianMixture(
        components(points, gaussians), reg_covar=FLOOR, max_iter=1_000, random_state=0
    ).fit(points)  # fmt: skip


def _conditional(model: LogisticRegression | None, points: Doubles) -> Doubles:
    if model is None:
        return np.ones((len(points), 1))
    return np.asarray(model.predict_proba(points - MIDDLE))


def _log_joint(mixtures: Sequence[GaussianMixture], shares: Doubles, points: Doubles) -> Doubles:
    return np.stack([mixture.score_samples(points) for mixture in mixtures], axis=1) + np.log(shares)


def _hits(scores: Doubles, labels: Indices, classes: Sequence[int]) -> int:
    return int(np.sum(np.array(classes)[scores.argmax(axis=1)] == labels))


def _grid() -> Doubles:
    steps = np.linspace(0.0, SIDE, GRID)
    across, up = np.meshgrid(steps, steps)
    return np.stack([across.ravel(), up.ravel()], axis=1)


def _on_grid(values: Doubles) -> Floats:
    return values.reshape(GRID, GRID, -1).astype(np.float32)


def _share_below(mixture: GaussianMixture, bound: float) -> float:
    """Which share of a class lies to the left of a place."""
    if math.isinf(bound):
        return float(bound > 0)
    spreads = np.sqrt(mixture.covariances_[:, 0, 0])
    away = (bound - mixture.means_[:, 0]) / spreads
    return float(mixture.weights_ @ [0.5 * math.erfc(-value / math.sqrt(2)) for value in away])
