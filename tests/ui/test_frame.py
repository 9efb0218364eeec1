"""No page is ever drawn without the frame around it."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

PROJECT = Path(__file__).resolve().parents[2]


def old_way_first() -> None:
    """What a visit sees that Streamlit took the old way while another one was already switching it off."""
    import streamlit as st

    from genmod.ui import frame

    if st.session_state.get("guarded"):
        frame.apply_style()  # the way back leads through app.py
    st.session_state["guarded"] = True
    frame.guard()
    st.write("drawn inside the frame" if "framed" in st.session_state else "drawn without the frame")


def test_page_that_streamlit_runs_without_the_app_is_sent_through_it() -> None:
    app = AppTest.from_function(old_way_first).run()
    assert [words.value for words in app.markdown] == ["drawn inside the frame"]


def test_page_started_by_itself_says_what_to_start() -> None:
    page = AppTest.from_file(str(PROJECT / "pages" / "train.py"), default_timeout=30).run()
    assert [words.value for words in page.error] == [
        "This is one page of the app. Start it with `streamlit run app.py`."
    ]
    assert not page.exception and not page.title
