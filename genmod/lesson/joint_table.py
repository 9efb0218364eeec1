"""p(x, y) as a small table and p(y | x) as its rows divided by their sums, in whole digits that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genmod.datasets import Doubles

THOUSAND, HUNDRED = 1_000, 100  # the last digit of p(x, y), and of p(y | x)


@dataclass(frozen=True)
class JointTable:
    """Both tables as they are shown.

    Attributes:
        joint: p(x, y) in thousandths, a row for each x, a column for each y; all together are 1,000.
        conditional: p(y | x) in hundredths, from the shown thousandths; each row is 100. None for a row that holds
            not one thousandth: there is nothing to divide.
    """

    joint: tuple[tuple[int, ...], ...]
    conditional: tuple[tuple[int, ...] | None, ...]

    @property
    def of_x(self) -> tuple[int, ...]:
        """p(x) in thousandths: the sum of each row."""
        return tuple(map(sum, self.joint))

    @property
    def of_y(self) -> tuple[int, ...]:
        """p(y) in thousandths: the sum of each column."""
        return tuple(map(sum, zip(*self.joint, strict=True)))


def table(probabilities: Doubles) -> JointTable:
    """Both tables from probabilities (rows, columns) whose sum is 1.

    The columns are rounded first, so that p(y) is the share of each class, and then what stands in each.
    """
    columns = apportioned(probabilities.sum(axis=0).tolist(), THOUSAND)
    by_column = [apportioned(column.tolist(), total) for column, total in zip(probabilities.T, columns, strict=True)]
    rows = tuple(zip(*by_column, strict=True))
    return JointTable(rows, tuple(apportioned(list(row), HUNDRED) if sum(row) else None for row in rows))


def apportioned(shares: Sequence[float], total: int) -> tuple[int, ...]:
    """Whole numbers in proportion to the shares whose sum is `total`: what is left over goes to the largest fractions.

    Args:
        shares: none negative; if all are 0, the first gets everything.
    """
    whole = float(sum(shares))
    exact = [share / whole * total for share in shares] if whole > 0 else [float(total), *[0.0] * (len(shares) - 1)]
    found = [int(np.floor(value + 1e-9)) for value in exact]
    left = total - sum(found)
    for place in sorted(range(len(found)), key=lambda place: (found[place] - exact[place], place))[:left]:
        found[place] += 1
    return tuple(found)
