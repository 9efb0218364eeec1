"""The frame around every page: the guard against cold deep links, the style, headings."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.pages_manager import PagesManager

from genmod import runs
from genmod.drawing import palette
from genmod.jobs import supervisor
from genmod.ui import say
from genmod.ui.terms import STYLE as TERMS_STYLE

ICON = str(Path(__file__).with_name("icon.png"))

_FRAMED = "framed"  # this visit came through app.py
_SENT_BACK = "sent_back"  # and this one has been sent there

STYLE = """
<style>
[data-testid="stMainBlockContainer"] { max-width: 1180px; padding: 3.6rem max(1rem, 2.4vw) 4rem; }
.gm-digits { margin: 0; container-type: inline-size; }
.gm-digits .gm-frame { display: inline-block; background: #000; padding: 8px; border-radius: 6px;
  border: 1px solid rgba(128, 128, 128, 0.35); line-height: 0; max-width: 100%; box-sizing: border-box; }
.gm-digits img { display: block; height: auto; max-width: 100%; image-rendering: pixelated;
  width: var(--gm-width);
  width: clamp(min(var(--gm-width), 100cqw - 18px), round(down, 100cqw - 18px, var(--gm-width)),
    calc(var(--gm-width) * min(var(--gm-scale), var(--gm-most, 99)))); }
.gm-digits figcaption { font-size: 0.875rem; opacity: 0.82; margin-top: 0.4rem; line-height: 1.45; max-width: 62ch; }
.gm-row { display: flex; flex-wrap: wrap; gap: 1.2rem 2rem; }
.gm-row > .gm-digits { flex: calc(2 * var(--gm-scale) - 1) 1 min(100%, calc(var(--gm-width) + 18px)); min-width: 0; }
.gm-scroll { overflow-x: auto; }
.gm-drawing { display: block; max-width: 100%; height: auto; }
.gm-tall { display: none; }
@media (max-width: 640px) { .gm-wide { display: none; } .gm-tall { display: block; margin: 0 auto; } }
.gm-lead { font-size: 1.06rem; line-height: 1.55; max-width: 66ch; margin: 0 0 0.4rem; }
.gm-bar { height: 6px; border-radius: 3px; background: rgba(128, 128, 128, 0.25); overflow: hidden; }
.gm-bar i { display: block; height: 100%; border-radius: 3px; background: var(--gm-accent);
  transition: width 0.3s linear; }
.gm-measures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr));
  gap: 1.1rem 2.6rem; }
.gm-measure > div:first-child { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem;
  align-items: baseline; }
.gm-measure strong { font-weight: 600; }
.gm-measure p { font-size: 0.875rem; opacity: 0.8; line-height: 1.45; margin: 0.3rem 0 0; max-width: 66ch; }
.gm-values { font-variant-numeric: tabular-nums; font-size: 1.15rem; display: flex; gap: 1rem; }
.gm-scale { position: relative; height: 14px; margin: 0.35rem 7px 0.2rem; }
.gm-scale::before { content: ""; position: absolute; inset: 5px -7px; border-radius: 2px;
  background: linear-gradient(90deg, rgba(128, 128, 128, 0.22), rgba(128, 128, 128, 0.6)); }
.gm-mark { display: inline-block; box-sizing: border-box; width: 14px; height: 14px; border-radius: 50%;
  background: var(--gm-accent); border: 2px solid var(--gm-ground); }
.gm-mark.gm-other { border-radius: 0; background: var(--gm-ground); border: 3px solid var(--gm-ink);
  width: 12px; height: 12px; transform: rotate(45deg); margin: 1px; }
.gm-scale .gm-mark { position: absolute; top: 0; margin-left: -7px; }
.gm-scale .gm-mark.gm-other { top: 1px; margin: 0 0 0 -6px; }
.gm-ends { display: flex; justify-content: space-between; gap: 1rem; font-size: 0.78rem; opacity: 0.85;
  font-variant-numeric: tabular-nums; line-height: 1.3; }
.gm-ends span:last-child { text-align: right; }
.gm-key { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; align-items: center; margin: 0 0 0.6rem; }
.gm-key span { display: inline-flex; gap: 0.5rem; align-items: center; }
/* Streamlit's small text and its chosen pills are paler than everybody can read. */
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; }
[data-testid="stCaptionContainer"] { opacity: 0.82; }
[data-testid="stButtonGroup"] button[data-selected], [data-testid="stSliderThumbValue"],
[data-testid="stSliderThumbValue"] p { color: inherit !important; }
/* Where the keyboard is, on every ground: this blue stands out 3:1 from white and from black. */
a:focus-visible, button:focus-visible, summary:focus-visible, [tabindex]:focus-visible, [role="slider"]:focus-visible,
[role="tab"]:focus-visible, label:has(input[type="checkbox"]:focus-visible),
[data-baseweb="select"]:focus-within, [data-baseweb="input"]:focus-within,
[data-testid="stSelectbox"] [role="group"]:focus-within {
  outline: 3px solid #1f7aa5 !important; outline-offset: 2px; border-radius: 6px; }
/* The tools at a chart's corner are for the mouse: the keyboard need not pass them. */
[data-testid="stElementToolbar"] { visibility: hidden; }
:hover > [data-testid="stElementToolbar"], [data-testid="stElementToolbar"]:hover { visibility: visible; }
/* On a phone the pages are within a thumb's reach, and what a hand changes stays in sight. */
[data-testid="stLayoutWrapper"]:has(> .st-key-pages), [data-testid="stLayoutWrapper"]:has(> .st-key-history) {
  display: none; }
@media (max-width: 640px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-pages) { display: block; position: fixed; left: 0; right: 0; bottom: 0;
    width: 100%; z-index: 990; background: var(--gm-page); border-top: 1px solid rgba(128, 128, 128, 0.4); }
  .st-key-pages { flex-wrap: nowrap; justify-content: space-between; gap: 0; width: 100%;
    padding: 0.2rem 0.3rem calc(0.35rem + env(safe-area-inset-bottom)); }
  .st-key-pages > div { flex: 1 1 0; min-width: 0; width: auto; }
  .st-key-pages a { flex-direction: column; gap: 0; padding: 0.25rem 0.1rem; justify-content: center; min-height: 3rem;
    text-align: center; }
  .st-key-pages a p { font-size: 0.72rem; line-height: 1.1; white-space: normal; }
  .st-key-pages a p { overflow-wrap: normal; word-break: keep-all; hyphens: none; }
  [data-testid="stMainBlockContainer"] { padding-bottom: 6rem; }
  [data-testid="stColumn"]:has(.st-key-in_sight) { position: sticky; top: 3.75rem; z-index: 20;
    background: var(--gm-page); padding-bottom: 0.4rem; }
}
@media (max-width: 360px) {
  .st-key-pages { padding-left: 0; padding-right: 0; }
  .st-key-pages a { padding-left: 0; padding-right: 0; }
  .st-key-pages a p { font-size: 0.62rem; letter-spacing: -0.01em; }
}
/* While a page runs, Streamlit's header offers a "Stop" of its own. It would end the drawing of the page, not a
   training, and beside the page's own Stop nobody could tell. */
[data-testid="stStatusWidget"] button { display: none; }
/* On a phone a digit leaves room for the controls below it. */
@media (max-width: 640px) { .gm-digits { --gm-most: 6; } }
@media (prefers-reduced-motion: reduce) { .gm-bar i { transition: none; } }
</style>
"""


def guard() -> None:
    """Send a cold deep link through app.py; the first act of every page.

    When the first request of a fresh server is a page's address, Streamlit finds the folder `pages/`
    and runs the page's file without app.py, in its old style of navigation. Switching that style off
    and running again brings the frame back. The visit is asked as well whether app.py ran: several
    visitors of a fresh server can be on the old way at once, and the first of them switches it off for all.
    """
    framed = _FRAMED in st.session_state
    if framed and not PagesManager.uses_pages_directory:
        return
    if _SENT_BACK in st.session_state and not framed:
        st.error("This is one page of the app. Start it with `streamlit run app.py`.")
        st.stop()
    st.session_state[_SENT_BACK] = True
    PagesManager.uses_pages_directory = False
    st.rerun()


def apply_style() -> None:
    """Send the style sheet; called once a run, by app.py."""
    st.session_state[_FRAMED] = True
    st.html(STYLE + TERMS_STYLE)
    st.html(f"<style>:root {{ --gm-page: {ground()} }}</style>")


def pages_at_hand(pages: Mapping[str, StreamlitPage]) -> None:
    """The pages as a bar at the foot of a phone's screen; elsewhere they stand at the top, and the bar is hidden.

    Args:
        pages: by the short name that has room there.
    """
    with st.container(horizontal=True, key="pages"):
        for name, page in pages.items():
            st.page_link(page, label=say.plain(name))


def look_after_trainings() -> None:
    """Let this server resume, start and prepare trainings, from its first visitor on."""
    # Streamlit's page tests put a stand-in where the server would be: nobody is there to look after.
    if st.runtime.exists() and type(st.runtime.get_instance()) is st.runtime.Runtime:
        supervisor.visit(runs.home())


def dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def class_colors(count: int) -> tuple[str, ...]:
    """The ten class colours of the visitor's theme."""
    return palette.class_colors(count, dark())


def accent() -> str:
    """The accent colour of the visitor's theme."""
    return palette.ACCENT_DARK if dark() else palette.ACCENT_LIGHT


def ground() -> str:
    """The background colour of the visitor's theme."""
    return "#161616" if dark() else "#ffffff"


def ink() -> str:
    """The text colour of the visitor's theme, for pictures that cannot inherit it."""
    return "#e8e8e6" if dark() else "#2b2b2b"


def quiet() -> str:
    """The colour of small text beside what matters, readable in the visitor's theme."""
    return "#b4b4b0" if dark() else "#565654"


def header(title: str, lead: str) -> None:
    """A page's heading and the one or two sentences that say what can be seen on it."""
    st.title(say.plain(title), anchor=False)
    st.html(f'<p class="gm-lead">{html.escape(lead, quote=False)}</p>')
