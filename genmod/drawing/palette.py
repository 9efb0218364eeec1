"""The ten class colours, light and dark, and the one accent."""

from __future__ import annotations

# One colour a digit, 0 to 9. Any two stay at least 15 CIEDE2000 apart under simulated protanopia, deuteranopia and
# tritanopia (Machado et al. 2009) and 21 in full colour vision, and each stands out 3:1 from the page. Digits that lie
# beside each other in latent space (4 and 9, 3 and 5, 3 and 8) have colours that lie far apart.
CLASS_COLORS_LIGHT = (
    "#8f4f7b",
    "#f36081",
    "#61040e",
    "#999a00",
    "#1aa2c0",
    "#3a2c39",
    "#477752",
    "#160e96",
    "#335dfa",
    "#ba2a00",
)
CLASS_COLORS_DARK = (
    "#be0289",
    "#c90707",
    "#b2918a",
    "#ffdf06",
    "#7af1f7",
    "#6a6656",
    "#c9e6b2",
    "#9fa1ff",
    "#185ef4",
    "#ef7305",
)

# Of links, lines and marks on the page.
ACCENT_LIGHT = "#0b6e99"
ACCENT_DARK = "#5ab4d6"

# Under white text, as on a button. In the light the two are the same; in the dark a link's would be too pale.
ACCENT_FILL_LIGHT = ACCENT_LIGHT
ACCENT_FILL_DARK = "#1f7aa5"


def class_colors(count: int, dark: bool) -> tuple[str, ...]:
    """A colour for each of `count` classes; beyond ten they repeat, for there are no more that all can tell apart."""
    found = CLASS_COLORS_DARK if dark else CLASS_COLORS_LIGHT
    return tuple(found[number % len(found)] for number in range(count))
