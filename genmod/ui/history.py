"""One entry in the browser's history for each page: Back goes back once, to what was seen there."""

from __future__ import annotations

import streamlit as st

# When a page is left, Streamlit first takes its inputs out of the address and then goes to the other page, and the
# browser notes both. Back would then show the page that was left with its inputs at their defaults. So a new address of
# the same page waits for a moment: if another page follows it is dropped, and the old entry stays as it was seen; if
# none does, it takes the place of the present entry.
# Before this script is there, the address of the first page may have been put in order, which left an entry with the
# link as it came: the only one without a mark. Going back to that one goes on to where the visitor came from.
# On a phone the sidebar lies over the page; when another run was chosen in it, it has done its work and closes.
SCRIPT = """
const WAIT = 200 // milliseconds within which another page follows
const PHONE = 640 // pixels: up to here the sidebar is a drawer over the page
export default function () {
  if (window.genmodHistory) return
  window.genmodHistory = true
  const push = history.pushState.bind(history)
  const replace = history.replaceState.bind(history)
  const marked = (state) => ({ ...state, genmod: true })
  let waiting = null
  let shown = location.pathname
  const drop = () => clearTimeout(waiting)
  const run = (url) => new URL(url ?? location.href, location.href).searchParams.get("run")
  const closeDrawer = (url) => {
    if (run(url) === run() || window.innerWidth > PHONE) return
    document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click()
  }
  history.replaceState = (state, title, url) => {
    closeDrawer(url)
    replace(marked(state), title, url)
  }
  history.pushState = (state, title, url) => {
    drop()
    if (new URL(url, location.href).pathname !== location.pathname) {
      push(marked(state), title, url)
      shown = location.pathname
    } else {
      closeDrawer(url)
      waiting = setTimeout(() => replace(marked(state), title, url), WAIT)
    }
  }
  window.addEventListener("popstate", (event) => {
    drop()
    if (!event.state?.genmod && location.pathname === shown) history.back()
    shown = location.pathname
  })
  replace(marked(history.state), "")
}
"""
_HISTORY = st.components.v2.component("genmod_history", js=SCRIPT, isolate_styles=False)


def keep_tidy() -> None:
    """Let the browser note each page once; drawn on every page."""
    with st.container(key="history"):
        _HISTORY(key="history_script")
