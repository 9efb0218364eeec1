"""The parts of the page below the pad."""

from genmod.ui import links


def readers() -> dict[str, links.Reader]:
    """What reads the links of all parts."""
    return {}
