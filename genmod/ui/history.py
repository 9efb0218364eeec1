"""One entry in the browser's history for each thing a visitor does: Back undoes it, and shows what was seen before."""

from __future__ import annotations

import streamlit as st

# Streamlit itself notes an input that is moved in the present entry, so that Back would leave the page; and what the
# server changes in the address, value by value: a button that sets two sliders, or a page that is left, which first
# loses its inputs, would make two entries. So the visitor's own acts are counted here. The first new address after one
# is a new entry, and whatever follows from the same act takes its place. An input that is moved on and on, as by a key
# that is held, is moved once. After Back nothing has been done yet: what is put in order then makes no entry.
# An input gives its new address in full; what the server replaces, it gives without the host.
# Before this script is there, the address of the first page may have been put in order, which left an entry with the
# link as it came: the only one without a mark. Going back to that one goes on to where the visitor came from.
# On a phone the sidebar lies over the page; when another run was chosen in it, it has done its work and closes.
SCRIPT = """
const ONE_MOVE = 1000 // milliseconds: an input that moves again within them is still being moved
const LEAVING = 300 // milliseconds within which another page follows when a page that is left loses its inputs
const PHONE = 640 // pixels: up to here the sidebar is a drawer over the page
export default function () {
  if (window.genmodHistory) return
  window.genmodHistory = true
  const push = history.pushState.bind(history)
  const replace = history.replaceState.bind(history)
  const marked = (state) => ({ ...state, genmod: true })
  let acted = false // since the last entry
  let last = null // how the last entry was made: when, and by which input if it was one
  let shown = location.pathname
  for (const act of ["pointerdown", "keydown", "click"]) window.addEventListener(act, () => { acted = true }, true)

  const run = (url) => url.searchParams.get("run")
  const closeDrawer = (from, to) => {
    if (run(from) === run(to) || window.innerWidth > PHONE) return
    document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click()
  }
  const changed = (from, to) => {
    const names = new Set([...from.searchParams.keys(), ...to.searchParams.keys()])
    const values = (url, name) => url.searchParams.getAll(name).join()
    return [...names].filter((name) => values(from, name) !== values(to, name)).sort().join()
  }
  const note = (state, title, url, byInput) => {
    const from = new URL(location.href)
    const to = new URL(url ?? location.href, location.href)
    const left = from.pathname !== to.pathname
    const input = byInput ? changed(from, to) : ""
    const now = performance.now()
    const stillMoved = input !== "" && last?.input === input && now - last.time < ONE_MOVE
    const stillLeaving = left && last?.input === "" && now - last.time < LEAVING
    if (!left) closeDrawer(from, to)
    if (acted && !stillMoved && !stillLeaving) {
      push(marked(state), title, url)
      last = { input, time: now }
    } else {
      replace(marked(state), title, url)
      if (stillMoved) last.time = now
    }
    acted = false
    shown = location.pathname
  }
  history.pushState = (state, title, url) => note(state, title, url, false)
  history.replaceState = (state, title, url) => {
    if (String(url ?? "").startsWith(location.origin + "/")) note(state, title, url, true)
    else replace(marked(state), title, url)
  }
  window.addEventListener("popstate", (event) => {
    acted = false
    last = null
    if (!event.state?.genmod && location.pathname === shown) {
      event.stopImmediatePropagation() // Streamlit would put the address in order again, which ends the way back
      history.back()
    }
    shown = location.pathname
  }, true) // before Streamlit's own
  replace(marked(history.state), "")
}
"""
_HISTORY = st.components.v2.component("genmod_history", js=SCRIPT, isolate_styles=False)


def keep_tidy() -> None:
    """Let the browser note each act of the visitor once; drawn on every page."""
    with st.container(key="history"):
        _HISTORY(key="history_script")
