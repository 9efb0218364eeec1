"""How good a run's samples are: measured against real images, each measure with its meaning and its scale."""

from genmod.quality.evaluation import Report, Sizes, columns, compare, measure, samples
from genmod.quality.result import NAME, Quality, complaint, kept, save, stamp, whole

__all__ = [
    "NAME",
    "Quality",
    "Report",
    "Sizes",
    "columns",
    "compare",
    "complaint",
    "kept",
    "measure",
    "samples",
    "save",
    "stamp",
    "whole",
]
