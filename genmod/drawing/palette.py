"""The ten class colours, light and dark, and the one accent."""

from __future__ import annotations

# One colour a digit, 0 to 9, each at 4.5:1 or more against the page, so that it serves as the colour of a numeral, and
# none so dark or so pale that it reads as black or white. Under simulated deuteranopia (Machado et al. 2009) any two
# stay at least 11.6 CIEDE2000 apart in the light and 13.4 in the dark, under protanopia and tritanopia 11.3 and 13.0,
# and in full colour vision 17.2 and 19.9. Digits that lie beside each other in latent space (4 and 9, 3 and 5, 3 and 8)
# have colours that lie far apart.
CLASS_COLORS_LIGHT = (
    "#5c3f00",
    "#503c68",
    "#904d46",
    "#0370ee",
    "#e50f61",
    "#767708",
    "#9f5ea0",
    "#183ab6",
    "#83023c",
    "#0f846e",
)
CLASS_COLORS_DARK = (
    "#826df0",
    "#dcc893",
    "#74adff",
    "#afd601",
    "#ff1c9f",
    "#eda0b0",
    "#859669",
    "#22e7f2",
    "#00909d",
    "#b77f03",
)

# Of links, lines and marks on the page.
ACCENT_LIGHT = "#0b6e99"
ACCENT_DARK = "#5ab4d6"

# Under white text, as on a button. In the light the two are the same; in the dark a link's would be too pale.
ACCENT_FILL_LIGHT = ACCENT_LIGHT
ACCENT_FILL_DARK = "#1f7aa5"

# Of lines that stand back, and of the words at them: 4.5:1 or more against the page.
GREY_LIGHT = "#70706c"
GREY_DARK = "#9a9a96"


def class_colors(count: int, dark: bool) -> tuple[str, ...]:
    """A colour for each of `count` classes; beyond ten they repeat, for there are no more that all can tell apart."""
    found = CLASS_COLORS_DARK if dark else CLASS_COLORS_LIGHT
    return tuple(found[number % len(found)] for number in range(count))
