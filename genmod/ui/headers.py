"""What every answer tells the browser to refuse: foreign scripts, pictures and frames."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genmod.errors import ConfigError

EMBEDDERS = "GENMOD_FRAME_ANCESTORS"


def frame_ancestors(environment: Mapping[str, str] = os.environ) -> str:
    """Which sites may show this one in a frame: `$GENMOD_FRAME_ANCESTORS`, or none but itself.

    Raises:
        ConfigError: if the value would end the directive or the header.
    """
    sites = environment.get(EMBEDDERS, "").strip() or "'self'"
    if any(sign in ';,"\\' or not 32 <= ord(sign) < 127 for sign in sites):
        raise ConfigError(
            f"{EMBEDDERS} is {sites!r}; it must be addresses of sites separated by spaces, "
            "such as https://school.example https://*.school.example, or * for all."
        )
    return sites


def content_security_policy(ancestors: str) -> str:
    """What a page may load and run.

    Everything comes from this server. What stands beside 'self' is needed:

    - scripts: the one that Streamlit's page begins with, by its hash; `'wasm-unsafe-eval'`, for Streamlit's frontend
      compiles WebAssembly; `blob:`, for the JavaScript of a component that is written inline is imported from one. No
      script is made from text: Streamlit lets Vega interpret its expressions.
    - styles: `'unsafe-inline'`, for Streamlit's and the pages' styles are inline.
    - pictures, sound: `data:` and `blob:`, for digits travel within the page.
    - connections: none; the websocket counts as 'self'.
    """
    directives = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *inline_scripts(), "'wasm-unsafe-eval'", "blob:"]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": ancestors,
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def inline_scripts() -> list[str]:
    """The hashes of the scripts that stand in Streamlit's own page, as a policy names them."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]


def security_headers(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The headers of every answer."""
    ancestors = frame_ancestors(environment)
    headers = {
        "Content-Security-Policy": content_security_policy(ancestors),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if ancestors == "'self'":  # for browsers that do not know the directive; it can say nothing else
        headers["X-Frame-Options"] = "SAMEORIGIN"
    return headers


class SecurityHeaders:
    """Middleware that adds the headers; plain ASGI, for answers are streamed through it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = security_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with the headers on the way out."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
