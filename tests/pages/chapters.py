"""The chapters of the lesson as page tests open, read and press them."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages import reading
from tests.pages.test_pages import healthy, texts, visit

PAGE = "pages/learn.py"


def opened(chapter: str, **query: str) -> AppTest:
    """A chapter after its first question was skipped."""
    app = visit(PAGE, chapter=chapter, **query)
    for button in app.button:
        if button.key == f"skip_{chapter}":
            button.click().run()
            break
    healthy(app)
    return app


def said(app: AppTest) -> str:
    """What can be read on it."""
    return reading.words(texts(app))


def pressed(app: AppTest, label: str) -> AppTest:
    """The page after a button with this label was pressed."""
    return next(button for button in app.button if button.label == label).click().run()
