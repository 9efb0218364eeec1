"""Streamlit's options that the app relies on, for servers whose own configuration does not set them."""

from __future__ import annotations

from typing import Any

from streamlit import config
from streamlit.config_option import ConfigOption

# The same as in `.streamlit/config.toml`. That file is read beside app.py from whatever folder the server is started,
# but a host may have put one of its own in its place.
OPTIONS: dict[str, Any] = {
    # A full garbage collection after every script run holds the interpreter's lock for all visitors: with a hundred of
    # them a slider move takes seconds instead of milliseconds. Python's own collector goes on working.
    "runner.postScriptGC": False,
    "runner.magicEnabled": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "server.maxUploadSize": 5,
    # A preset sets inputs that also have a default of their own: no warning with a stack in the log for that.
    "global.disableWidgetStateDuplicationWarning": True,
    "browser.gatherUsageStats": False,
}


def hold() -> None:
    """Set the options that nobody has set; what a host has set by file, variable or command line stays.

    Called at every run of the app: Streamlit reads its files again when one of them changes.
    """
    for name, value in OPTIONS.items():
        if config.get_where_defined(name) == ConfigOption.DEFAULT_DEFINITION:
            config.set_option(name, value)
