"""How the lesson looks, large type for a projector, and the script that leads from place to place."""

from __future__ import annotations

import html

import streamlit as st

from genmod.ui.pictures import Markup

STYLE = """
<style>
.st-key-guess, .st-key-check { background: rgba(128, 128, 128, 0.06); }
.gm-asked { font-size: 1.02rem; font-weight: 600; line-height: 1.45; margin: 0; max-width: 66ch; }
.gm-asked .gm-for { display: block; font-size: 0.8125rem; font-weight: 400; opacity: 0.82; margin-bottom: 0.15rem; }
.gm-text { margin: 0; line-height: 1.55; max-width: 72ch; }
.gm-options { list-style: none; margin: 0; padding: 0; line-height: 1.5; max-width: 66ch; }
.gm-options li { padding: 0.1rem 0 0.1rem 1.6rem; text-indent: -1.6rem; }
.gm-options li i { display: inline-block; width: 1.6rem; text-indent: 0; font-style: normal; font-weight: 600; }
.gm-verdict { margin: 0; padding: 0.7rem 0.9rem; border-radius: 6px; max-width: 66ch; line-height: 1.5;
  background: rgba(128, 128, 128, 0.12); border-left: 4px solid rgba(128, 128, 128, 0.7); }
.gm-verdict.gm-right { background: rgba(31, 122, 165, 0.13); border-left-color: #1f7aa5; }
.gm-aloud { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.st-key-guess button p, .st-key-check button p { text-align: left; }
.st-key-guess [data-testid="stButton"] button > div, .st-key-check [data-testid="stButton"] button > div {
  width: 100%; justify-content: flex-start; }
.st-key-path { margin-top: 0.5rem; }
.st-key-path [data-testid="stButtonGroup"] button { padding-left: 0.65rem; padding-right: 0.65rem; }
.gm-here { font-size: 0.875rem; opacity: 0.82; margin: 0; font-variant-numeric: tabular-nums; width: fit-content; }
.gm-here:focus { outline: none; }
[data-testid="stMainBlockContainer"]:has(.st-key-path) h1 { padding-top: 0; font-size: 2rem; }
[data-testid="stLayoutWrapper"]:has(> .st-key-lead) { display: none; }
[class*="st-key-check_"] button, [class*="st-key-guess_"] button { max-width: 46rem; }
@media (max-width: 640px) { [data-testid="stLayoutWrapper"]:has(> .st-key-lesson_film) { display: none; } }
.gm-aims { margin: 0 0 0 1.2rem; padding: 0; line-height: 1.7; max-width: 66ch; }
.gm-code { font-size: 2.6rem; font-weight: 600; letter-spacing: 0.12em; margin: 0; line-height: 1.2;
  font-family: var(--st-code-font, monospace); }
.gm-code span { font-size: 1rem; font-weight: 400; letter-spacing: 0; font-family: var(--st-font, sans-serif); }
[data-testid="stForm"] [data-testid="stWidgetLabel"] p { font-size: 1rem; font-weight: 600; }
.gm-score { width: 100%; max-width: 46rem; border-collapse: collapse; line-height: 1.45; }
.gm-score th, .gm-score td { text-align: left; vertical-align: top; padding: 0.35rem 1rem 0.35rem 0;
  border-bottom: 1px solid rgba(128, 128, 128, 0.3); font-weight: 400; }
.gm-score thead th { font-size: 0.8125rem; opacity: 0.82; }
.gm-what { display: block; font-size: 0.8125rem; opacity: 0.82; }
.st-key-open [data-testid="stPageLink"] a, .st-key-open [data-testid="stPageLink"] a * { white-space: normal;
  overflow: visible; }
.gm-score td { white-space: nowrap; }
.gm-score tfoot th, .gm-score tfoot td { font-weight: 600; border-bottom: none; font-size: 1.1rem; }
@media (max-width: 640px) {
  /* One line that a thumb moves: eleven places in four lines would leave no room for the chapter. */
  .st-key-path [data-testid="stButtonGroup"] > div { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none;
    padding: 4px; }
  .st-key-path [data-testid="stButtonGroup"] button { flex: none; min-height: 2.5rem; }
  [data-testid="stMainBlockContainer"]:has(.st-key-path) h1 { font-size: 1.6rem; }
}
</style>
"""
# At 1280 x 720 a picture of a wall two metres wide shows letters three centimetres high.
LARGE = """
<style>
html { font-size: 24px; }
[data-testid="stMainBlockContainer"] { max-width: 1700px; padding-top: 3.4rem; }
[data-testid="stMainBlockContainer"]:has(.st-key-path) h1 { padding: 0 0 0.4rem; font-size: 1.8rem; }
.st-key-path [data-testid="stButtonGroup"] > div { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none;
  padding: 4px; }
.st-key-path [data-testid="stButtonGroup"] button { flex: none; }
.st-key-guess, .st-key-check { gap: 0.6rem; }
[data-testid="stCaptionContainer"], .gm-here, .gm-remark, .gm-digits figcaption { opacity: 1 !important; }
.gm-remark, .gm-digits figcaption, [data-testid="stCaptionContainer"] p { font-size: 0.9rem !important; }
@media (max-width: 640px) { html { font-size: 18px; } }
</style>
"""

# A new place begins at its top, with the keyboard there too. Streamlit itself stays where the page before was scrolled.
# The arrow keys lead on only where nothing else has a use for them: whatever can be focused, and is no plain button or
# link, keeps its own.
SCRIPT = """
const lesson = (window.genmodLesson ??= { keys: false, place: null, listens: false })
const free = (element) =>
  !element || element === document.body || element.matches(".gm-here, a, button:not([role]), [data-testid=stMain]")
const press = (event) => {
  if (!lesson.keys || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
  const way = { ArrowLeft: "back", ArrowRight: "next" }[event.key]
  if (!way || !free(document.activeElement)) return
  const button = document.querySelector(`.st-key-way_${way} button`)
  if (!button) return
  event.preventDefault()
  button.click()
}
// The row of places is laid out some frames after this script, and fits a wide window.
const reveal = (frames) => {
  const row = document.querySelector(".st-key-path [data-testid=stButtonGroup] > div")
  const chosen = row?.querySelector("[data-selected], [aria-checked=true]")
  if (row && chosen && row.scrollWidth > row.clientWidth)
    row.scrollTo({ left: chosen.offsetLeft - row.offsetLeft - (row.clientWidth - chosen.clientWidth) / 2 })
  else if (frames) requestAnimationFrame(() => reveal(frames - 1))
}
export default function ({ data }) {
  if (!lesson.listens) window.addEventListener("keydown", press)
  const before = lesson.place
  Object.assign(lesson, { keys: data.keys, place: data.place, listens: true })
  reveal(90)
  if (before === null || before === data.place) return
  document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0)
  document.querySelector(".gm-here")?.focus({ preventScroll: true })
}
"""
_LEAD = st.components.v2.component("genmod_lesson", js=SCRIPT, isolate_styles=False)


def style(large: bool) -> None:
    """Send the style of the lesson; large type if that is wanted."""
    st.html(STYLE)
    if large:
        st.html(LARGE)


def lead(place: str, standing: str, seen: bool, keys: bool) -> None:
    """Say where the visitor is, and let the browser begin each new place at its top.

    Args:
        standing: the same in words, such as "Chapter 3 of 8".
        seen: whether that is shown; those who hear the page are told in any case.
        keys: whether the arrow keys lead to the places before and after.
    """
    shown = "gm-here" if seen else "gm-here gm-aloud"
    st.html(Markup(f'<p class="{html.escape(shown)}" tabindex="-1">{html.escape(standing)}</p>'))
    with st.container(key="lead"):
        _LEAD(data={"place": place, "keys": keys}, key="lead_script")
