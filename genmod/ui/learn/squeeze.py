"""The chapter on autoencoders: squeeze digits into fewer and fewer numbers, then look into the holes between codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from genmod import runs
from genmod.errors import GenmodError, RunError
from genmod.quality import size_row
from genmod.quality.size_row import Size
from genmod.ui import links, say
from genmod.ui.learn import bottlenecks, holes, parts

KEY = "squeeze_part"
SQUEEZE, HOLES = "Squeeze", "Press on the holes"
PARTS: Mapping[str, Callable[[Sequence[Size]], None]] = {SQUEEZE: bottlenecks.play, HOLES: holes.play}


def play() -> None:
    """The two parts of the chapter, of which one is shown."""
    row = size_row.of(runs.shipped().runs())
    links.check({**parts.reader(KEY, PARTS), **bottlenecks.readers(row), **holes.readers()})
    part = parts.choose(KEY, PARTS)
    try:
        if not row:
            raise RunError(
                "The shipped autoencoders of different sizes, from which this part of the lesson is drawn, are missing "
                "in this installation."
            )
        PARTS[part](row)
    except GenmodError as error:
        say.error(str(error))
    parts.lead_on(KEY, PARTS, part)
