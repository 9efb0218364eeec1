"""genmod: see generative models learn. Start with `streamlit run app.py`."""

import streamlit as st

from genmod.system import memory
from genmod.ui import frame, history, links, options, picker


def visit() -> None:
    """Draw what one visitor sees: the frame, and in it the chosen page."""
    options.hold()  # again at every visit: Streamlit reads its files anew when one of them changes
    # Before the navigation: otherwise the browser would ask a host outside for the page's icon.
    st.set_page_config(page_icon=frame.ICON, layout="wide")
    pages = [
        st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/learn.py", title="Learn", icon=":material/school:", url_path="learn"),
        st.Page("pages/training-data.py", title="Training data", icon=":material/grid_view:", url_path="training-data"),
        st.Page("pages/train.py", title="Train", icon=":material/model_training:", url_path="train"),
        st.Page("pages/latent-space.py", title="Latent space", icon=":material/scatter_plot:", url_path="latent-space"),
        st.Page("pages/generate.py", title="Generate", icon=":material/tune:", url_path="generate"),
        st.Page("pages/quality.py", title="Quality", icon=":material/straighten:", url_path="quality"),
    ]
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} - genmod")
    frame.apply_style()
    history.keep_tidy()
    frame.look_after_trainings()
    links.begin(page.title)
    # Training data has a data set of its own, and the lesson runs of its own.
    picker.choose(shown=page.url_path not in ("training-data", "learn"))
    frame.pages_at_hand(
        dict(zip(("Home", "Learn", "Data", "Train", "Latents", "Generate", "Quality"), pages, strict=True))
    )
    page.run()


# Streamlit runs this file as `__main__` for every visit; the server imports it once, and finds the application in it.
if __name__ == "__main__":
    visit()
else:
    from genmod.ui import server

    memory.limit_arenas()  # before the server's threads begin: later it is in vain
    options.hold()
    app = st.App(
        __file__,
        routes=server.ROUTES,
        middleware=server.middleware(server.settings()),
        lifespan=server.lifespan,
    )
