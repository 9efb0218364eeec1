"""Words of the field explained where they stand: a tap, a click or the keyboard opens one, no server is asked."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable

import streamlit as st

from genmod.kinds import glossary
from genmod.kinds.glossary import Term
from genmod.ui.pictures import Markup

# The browser opens, places and closes an explanation by itself (the popover attribute): it lies over the page, so
# nothing moves, and Escape or a tap beside it closes it. One that cannot place it at its word shows it at the bottom.
STYLE = """
<style>
button.gm-term { all: unset; cursor: pointer; text-decoration: underline dotted; text-underline-offset: 0.2em;
  text-decoration-thickness: 1px; border-radius: 2px; }
button.gm-term:hover { text-decoration-style: solid; }
button.gm-term:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.gm-explained { position: fixed; inset: auto 0 1rem 0; margin: 0 auto; box-sizing: border-box; width: max-content;
  max-width: min(24rem, calc(100vw - 2rem)); padding: 0.7rem 0.9rem; border-radius: 6px;
  border: 1px solid rgba(128, 128, 128, 0.6); background: Canvas; color: CanvasText;
  box-shadow: 0 4px 18px rgba(0, 0, 0, 0.25); font-size: 0.9rem; font-weight: 400; line-height: 1.45;
  text-align: left; white-space: normal; opacity: 1; }
.gm-explained strong { font-weight: 600; }
@supports (position-area: block-end) {
  .gm-explained { inset: auto; margin: 6px 1rem; position-area: block-end;
    position-try-fallbacks: flip-block, block-end span-inline-start, block-end span-inline-end; }
}
.gm-remark { font-size: 0.875rem; line-height: 1.45; margin: 0; opacity: 0.85; }
.gm-words { font-size: 0.9rem; line-height: 2; margin: 0; }
.gm-words button.gm-term { padding: 0.15rem 0; }
@media (pointer: coarse) { .gm-words { line-height: 2.6; } .gm-words button.gm-term { padding: 0.5rem 0.1rem; } }
</style>
"""


def row(*words: str, key: str = "row", label: str = "Words on this page") -> None:
    """Offer the explanations of these words in one line; those in order of `glossary.TERMS`, each once."""
    wanted = {glossary.term(word) for word in words}
    shown = [term for term in glossary.TERMS if term in wanted]
    if shown:
        items = " · ".join(_explained(term, term.name, f"{key}-{place}") for place, term in enumerate(shown))
        st.html(f'<p class="gm-words">{html.escape(label)}: {items}</p>')


def row_for(*texts: str, key: str = "row", label: str = "Words on this page") -> None:
    """Offer the explanations of all words of the field that stand in these texts."""
    row(*(term.name for term in glossary.found(*texts)), key=key, label=label)


def marked(text: str, key: str = "", known: Iterable[str] = ()) -> Markup:
    """A plain text as markup in which each term opens its explanation, where it first stands.

    Args:
        key: tells this text from an equal one elsewhere on the page.
        known: terms that are not marked, because they are explained beside it.
    """
    seen = {glossary.term(word) for word in known}
    parts, done = [], 0
    for start, end, term in glossary.occurrences(text):
        if term not in seen:
            seen.add(term)
            parts += [html.escape(text[done:start], quote=False), _explained(term, text[start:end], f"{key}{text}")]
            done = end
    return Markup("".join([*parts, html.escape(text[done:], quote=False)]))


def paragraph(text: str, key: str = "") -> None:
    """A text in letters of the usual size whose terms can be opened."""
    st.html(f'<p class="gm-text">{marked(text, key)}</p>')


def caption(text: str, key: str = "") -> None:
    """A remark in small letters whose terms can be opened."""
    st.html(f'<p class="gm-remark">{marked(text, key)}</p>')


def _explained(term: Term, shown: str, place: str) -> Markup:
    """A term as a button with its explanation; `place` says where it stands, so that its name is its own."""
    number = hashlib.sha256(f"{place}|{term.name}".encode()).hexdigest()[:10]
    name = f"gm-term-{number}"
    return Markup(
        f'<button type="button" class="gm-term" popovertarget="{html.escape(name)}">{html.escape(shown)}</button>'
        f'<span popover class="gm-explained" id="{html.escape(name)}" role="note"><strong>{html.escape(term.name)}'
        f"</strong>: {html.escape(term.explanation, quote=False)}</span>"
    )
