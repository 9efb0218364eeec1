"""The picture of the time to quality in `checkpoints/README.md`, with its words and its table."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from genmod.datasets import MNIST
from genmod.drawing import palette, time_curves
from genmod.quality import reference, time_to_quality
from genmod.quality.time_to_quality import Timed

PICTURE = "time-to-quality.svg"
START = "<!-- Time to quality: `python benchmarks/time_to_quality.py --draw` writes what follows. -->\n"
END = "<!-- Until here. -->\n"
WIDTH = 700  # of the plot, in pixels
# White behind it: an image in a README cannot know whether the page around it is dark.
LIGHT = time_curves.Look(palette.CLASS_COLORS_LIGHT, palette.GREY_LIGHT, "#2b2b2b", "#ffffff")


def draw(table: Path, readme: Path) -> bool:
    """Write the picture beside a README and put it with its words and its table between the marks there.

    Returns:
        whether there is a table to draw.
    """
    found = time_to_quality.of(MNIST, table)
    if not found:
        return False
    real = reference.ends(MNIST)["frechet_distance"][0]
    readme.with_name(PICTURE).write_text(svg(found, real), encoding="utf-8")
    before, _, rest = readme.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    readme.write_text(before + START + section(found, real) + END + after, encoding="utf-8")
    return True


def svg(found: Sequence[Timed], real: float) -> str:
    """The chart of the Quality page as a picture file.

    Raises:
        ValueError: if a label is missing in it: what the converter cannot draw, it leaves out without a word.
    """
    import vl_convert  # of what development needs: a training with the same script can do without

    lines = tuple(one.line for one in found)
    drawn = str(vl_convert.vegalite_to_svg(time_curves.standalone(lines, real, LIGHT, WIDTH)))
    if missing := [one.label for one in found if f">{one.label}<" not in drawn]:
        raise ValueError(f"The picture lacks {', '.join(missing)}.")
    return drawn


def section(found: Sequence[Timed], real: float) -> str:
    """What stands between the marks: a heading, the picture with its alternative text, words and a table."""
    lines = [time_to_quality.HEADINGS, ("---",) * len(time_to_quality.HEADINGS), *time_to_quality.rows(found)]
    parts = [
        "## Time to quality",
        _wrapped(f"![{time_to_quality.words(found, real)}]({PICTURE})"),
        _wrapped(time_to_quality.lead(MNIST, found)),
        _wrapped(time_to_quality.measured(found)),
        _wrapped(time_to_quality.reading()),
        "\n".join(f"| {' | '.join(line)} |" for line in lines),
    ]
    return "\n" + "\n\n".join(parts) + "\n\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)
