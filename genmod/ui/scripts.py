"""Scripts of components that the browser fetches once: Streamlit itself sends a component's script with every look."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

CACHED = "private, max-age=86400, immutable"  # the address says which content it is of

_LOADER = """
const address = new URL("scripts/NAME/VERSION.js", document.baseURI).href
const fetched = () => import(address).catch(() => import(`${address}?again=${Date.now()}`))
let module = null
let line = Promise.resolve()
const newest = new WeakMap() // of each place on the page: a call that another has followed closes nothing
export default function (component) {
  const place = component.parentElement
  const turn = {}
  newest.set(place, turn)
  let close = null
  line = line
    .then(() => (module ??= fetched()))
    .then((ready) => { close = ready.ENTRY(component) })
    .catch((error) => {
      module = null
      place.querySelector(".BOX").textContent = "WORDS could not be shown. Load the page again."
      console.error(error)
    })
  return () => { line = line.then(() => newest.get(place) === turn && close && close()) }
}
"""


class Script:
    """One script, made of one or several files.

    Attributes:
        name: in its address.
        text: the whole of it.
        version: another text has another, so browsers may keep one for good.
    """

    def __init__(self, name: str, files: Sequence[Path]) -> None:
        self.name = name
        self.text = "\n".join(path.read_text(encoding="utf-8") for path in files)
        self.version = hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def loader(self, box: str, words: str, entry: str = "default") -> str:
        """The few lines that Streamlit gets; calls that come before the script is there wait in line.

        Args:
            box: the class of the component's outermost element.
            words: what it shows, for the sentence that stands there when the script cannot be fetched.
            entry: which of the script's functions draws the component.
        """
        replaced = {"NAME": self.name, "VERSION": self.version, "BOX": box, "WORDS": words, "ENTRY": entry}
        text = _LOADER
        for name, value in replaced.items():
            text = text.replace(name, value)
        return text


def route(script: Script) -> Route:
    """Where the server hands out a script; after an update an open page must be loaded anew."""

    async def answer(request: Request) -> Response:
        if request.path_params["version"] != script.version:
            return PlainTextResponse("The project was updated; load the page again.", 404)
        return Response(script.text, media_type="text/javascript", headers={"Cache-Control": CACHED})

    return Route(f"/scripts/{script.name}/{{version}}.js", answer, methods=["GET", "HEAD"])
