"""Every word of the field on a page is explained on that page."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmod.kinds import glossary
from genmod.lesson import checks
from genmod.lesson.chapters import CHAPTERS
from genmod.ui.learn import course, duel, fill, squeeze
from tests.pages import junk, reading

PROJECT = Path(__file__).resolve().parents[2]
# A chapter that is done opens at once, with what there is to do and its question.
DONE = "-".join(str(number) for number in range(1, len(CHAPTERS) + 1))
PLACES: dict[str, dict[str, str]] = {place: {} for place in course.PLACES} | {
    course.START: {"before": "x" * checks.COUNT},
    course.END: {"before": "0" * checks.COUNT, "after": "x" * checks.COUNT},
}
PARTS = [
    *(("squeeze", squeeze.KEY, part) for part in squeeze.PARTS),
    *(("fill", fill.KEY, part) for part in fill.PARTS),
    *(("duel", duel.KEY, part) for part in duel.PARTS),
]


def visit(page: str, **query: str) -> AppTest:
    """Open a page by a link."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def written(app: AppTest) -> str:
    """What stands on the page itself: text and markup, without explanations, pictures and the sidebar."""
    kinds = (app.main.title, app.main.markdown, app.main.caption, app.main.info, app.main.header, app.main.subheader)
    found = [junk.read(element.value) for kind in kinds for element in kind]
    return "\n".join([*found, *(reading.words(block.proto.body) for block in app.main.get("html"))])


def offered(app: AppTest) -> set[str]:
    """The names of the terms that can be opened."""
    bodies = "".join(block.proto.body for block in app.main.get("html"))
    return {html.unescape(name) for name in re.findall(r'role="note"><strong>(.*?)</strong>', bodies)}


@pytest.fixture(autouse=True)
def no_own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty store of own runs."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "store"))


@pytest.mark.sampled(30)
@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("pages/quality.py", {"run": "vae-best"}),
        ("pages/quality.py", {"run": "gan-conditional"}),
        ("pages/quality.py", {"run": "ae-article", "beside": "vae-elbo"}),
        ("pages/quality.py", {"run": "fashion-gan", "beside": "fashion-vae-map"}),
        ("pages/latent-space.py", {"run": "vae-best"}),
        ("pages/latent-space.py", {"run": "vae-map", "view": "coordinates"}),
        ("pages/latent-space.py", {"run": "vae-conditional"}),
        ("pages/latent-space.py", {"run": "ae-article"}),
        ("pages/latent-space.py", {"run": "gan-dense"}),
        *[
            ("pages/latent-space.py", {"run": run, "part": part})
            for run in ("vae-best", "gan-conditional")
            for part in ("own", "sweep", "between", "grid")
        ],
        ("pages/latent-space.py", {"run": "ae-article", "pad_beside": "vae-elbo", "part": "row"}),
        ("pages/train.py", {"run": "vae-elbo"}),
        ("pages/train.py", {"run": "gan-dense"}),
        ("pages/train.py", {"run": "ae-article"}),
        ("pages/train.py", {"run": "mode-collapse"}),
        ("pages/generate.py", {"run": "gan-conditional"}),
        ("pages/generate.py", {"run": "vae-map"}),
        ("pages/generate.py", {"run": "ae-article"}),
        ("pages/home.py", {}),
        ("pages/training-data.py", {}),
        ("pages/training-data.py", {"dataset": "shapes"}),
        ("pages/learn.py", {"chapter": "teachers", "room": "abc234", "teacher": "x" * 20}),
        *[("pages/learn.py", {"chapter": place, "done": DONE, **answers}) for place, answers in PLACES.items()],
        *[("pages/learn.py", {"chapter": chapter.slug}) for chapter in CHAPTERS],
        *[("pages/learn.py", {"chapter": slug, "done": DONE, key: part}) for slug, key, part in PARTS],
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.values()),
)
def test_every_word_of_the_field_is_explained_on_its_page(page: str, query: dict[str, str]) -> None:
    app = visit(page, **query)
    assert not app.exception
    needed = {term.name for term in glossary.found(written(app))}
    assert needed or page == "pages/learn.py"
    assert needed - offered(app) == set()
