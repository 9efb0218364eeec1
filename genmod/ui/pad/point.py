"""The point of latent space that a visitor looks at: one text in the link, shared by all pages and controls."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from genmod.datasets import Doubles, Floats
from genmod.errors import ConfigError, GenmodError
from genmod.inference import latent_space
from genmod.kinds import Setting
from genmod.kinds.setting import shown
from genmod.runs import Run
from genmod.ui import links, models

KEY = "z"
LONGEST = 128  # numbers
FARTHEST = 999.0  # from 0
LONGEST_TEXT = 1_200  # characters
FEW = 4  # latent numbers up to which the middle is where to begin
_OF = "z_of"  # how many latent numbers the run had for which the point was set
_NEXT = "z_next"  # where the point goes when its input is drawn
_START = "z_start"  # where the present run begins

# Links of earlier versions name each number apart, and where those without a slider come from.
OLD = [Setting(f"z{number}", float, 0.0, "", "", "data", low=-4.0, high=4.0) for number in range(1, 33)]
OLD_SEED = Setting("rest_seed", int, 0, "", "", "data", low=0, high=99_999)


def read(text: str) -> list[float]:
    """The numbers in a text such as "0.5 -1.25".

    Raises:
        ConfigError: if it holds anything else.
    """
    try:
        found = [float(part) for part in text.replace(",", " ").split()]
        sound = len(found) <= LONGEST and all(math.isfinite(value) and abs(value) <= FARTHEST for value in found)
    except ValueError:
        sound = False
    if not sound:
        raise _refused(text)
    return found


def _refused(text: str) -> ConfigError:
    return ConfigError(
        f"{KEY} is {shown(text)}; it must be at most {LONGEST} numbers from -999 to 999 separated by spaces."
    )


def spelled(values: Floats | Doubles | list[float]) -> str:
    """The numbers as a link holds them: two decimals at most, and no zeros at the end."""
    texts = [f"{round(float(value), 2) + 0.0:.2f}".rstrip("0").rstrip(".") for value in values]
    while len(texts) > 1 and texts[-1] in ("0", "-0"):
        texts.pop()
    return " ".join("0" if text == "-0" else text for text in texts)


def check_link(run: Run, latent_dim: int) -> None:
    """Refuse what the link gets wrong, and take over one of an earlier version; before the page is drawn."""
    links.check({KEY: _as_link, **links.readers(*OLD, OLD_SEED)})
    old = links.taken([item.name for item in (*OLD, OLD_SEED)])
    st.session_state[_START] = spelled(start(run, latent_dim))
    if old and KEY not in st.query_params:
        values = np.zeros(latent_dim, np.float32)
        if latent_dim > len(OLD):
            values = latent_space.prior_samples(1, latent_dim, int(old.get(OLD_SEED.name, 0)))[0]
        for place, item in enumerate(OLD[:latent_dim]):
            if item.name in old:
                values[place] = float(old[item.name])
        if (text := spelled(values)) != st.session_state[_START]:
            links.put(KEY, text)
    elif st.session_state.get(_OF, latent_dim) != latent_dim and not links.going_back():
        st.session_state[KEY] = ""  # the point of a run with another number of latents means nothing here
    else:
        links.carry(KEY)
    st.session_state[_OF] = latent_dim


def _as_link(text: str) -> str:
    if not (found := read(text)):
        raise _refused(text)
    return spelled(found)


def start(run: Run, latent_dim: int) -> Floats:
    """Where a run begins, shape (latent_dim,): in the middle if there are few latent numbers.

    In many dimensions the middle is a place where hardly any latents lie. There it is the code of the first test
    image, or a draw for a model without an encoder.
    """
    if latent_dim <= FEW:
        return np.zeros(latent_dim, np.float32)
    if run.kind().encodes:
        try:
            return np.asarray(models.test_codes(run)[0][0])
        except GenmodError:
            return np.zeros(latent_dim, np.float32)
    return np.asarray(latent_space.prior_samples(1, latent_dim, 0)[0])


def present(latent_dim: int) -> Floats:
    """The point, shape (latent_dim,), once its input is drawn.

    Raises:
        ConfigError: if somebody typed what is none.
    """
    text = str(st.session_state.get(KEY) or "").strip() or str(st.session_state.get(_START, "0"))
    values = np.zeros(latent_dim, np.float32)
    found = read(text)
    if len(found) > latent_dim:
        raise ConfigError(f"{KEY} has {len(found)} numbers; this run has {latent_dim} latent numbers.")
    values[: len(found)] = found
    return values


def set_point(values: Floats | Doubles | list[float]) -> None:
    """Move the point; from a callback, or before its input is drawn."""
    text = spelled(values)
    st.session_state[KEY] = "" if text == st.session_state.get(_START) else text


def set_later(values: Floats | Doubles | list[float]) -> None:
    """Move the point when its input is drawn next; from a callback of another fragment.

    The browser sends what its inputs hold with every request: were the point moved at once, an input that has not been
    drawn since would move it back.
    """
    st.session_state[_NEXT] = [float(value) for value in values]


def text_input() -> None:
    """All numbers of the point as text, to type, to copy and to paste, bound to the link."""
    if (wanted := st.session_state.pop(_NEXT, None)) is not None:
        set_point(wanted)
    st.text_input(
        "All latent numbers", "", key=KEY, bind="query-params", max_chars=LONGEST_TEXT,
        placeholder=str(st.session_state.get(_START, "")),
        help="Separated by spaces; zeros at the end may be left out. Empty is where this run begins.",
    )  # fmt: skip
    links.share(KEY)
