"""Work under way on the screen: how far it is, and a process for it where the last one has died."""

from __future__ import annotations

import html

import streamlit as st

from genmod.errors import GenmodError
from genmod.jobs.queues import Queue, Standing
from genmod.runs import Store
from genmod.ui import frame


def trouble(queue: Queue, store: Store) -> str | None:
    """Start a process if none is there, for it may have died; a sentence if there is trouble with that."""
    try:
        queue.ensure_worker(store)
    except GenmodError as error:
        return str(error)
    return queue.trouble(store)


def bar(standing: Standing, label: str, unit: str = "%") -> None:
    """What is being done, in words and as a bar.

    Args:
        label: names the bar to those who do not see it.
        unit: what the number is a share of, such as "% of the whole".
    """
    percent = 100 * standing.share
    st.html(
        f'<p role="status">{html.escape(standing.message)}: {percent:.0f} {html.escape(unit)}</p>'
        f'<div class="gm-bar" role="progressbar" aria-label="{html.escape(label)}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent:.0f}" style="--gm-accent:{frame.accent()}">'
        f'<i style="width:{percent:.1f}%"></i></div>'
    )
