"""What all page tests need."""

from __future__ import annotations

import pytest
from streamlit.runtime.scriptrunner import script_runner


@pytest.fixture(autouse=True)
def no_clean_up_of_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Keras is loaded Streamlit resets it after every run of a page, which collects all garbage: half a second.

    No server ever loads it; a process of the tests has, if it has trained before.
    """
    monkeypatch.setattr(script_runner, "_clean_problem_modules", lambda: None)
