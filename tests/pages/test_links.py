"""Every value of every page's link with what a hand-edited link can hold: it is used, or one sentence says why not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmod import kinds
from tests.pages import junk

PROJECT = Path(__file__).resolve().parents[2]
RUNS = ("vae-map", "vae-article", "vae-conditional", "gan-dense")
KINDS = {kind.name: [item.name for item in kind.config.settings()] for kind in kinds.KINDS.values()}

LONGEST_LINK = 400_000  # Streamlit reads none that is much longer
Case = tuple[str, tuple[str, ...], dict[str, str]]  # a page, names in its link, and the rest of the link

CARRIED = tuple(f"draw_{name}" for name in kinds.drawings_called())
MAP = (
    "z", "part", "ground", "points", "side", "view", "across", "up", "digit", "grid_digit", "wanted", "directions",
    "plane_seed", "swept", "steps", "from_digit", "to_digit", "from_seed", "to_seed", "held_out", "pad_beside",
    "way_seed", *CARRIED,
)  # fmt: skip
DRAWN = (
    "z", "z1", "z2", "z32", "wanted", "digits", "grid_seed", "rest_seed", "spread", "latents_vae", "latents_ae",
    *CARRIED,
)  # fmt: skip
CASES: list[Case] = [
    *((page, ("run",), {}) for page in ("pages/home.py", "pages/train.py", "pages/quality.py")),
    ("pages/training-data.py", ("digits", "shuffle_seed"), {}),
    ("pages/train.py", ("kind",), {}),
    *(("pages/train.py", ("preset", *KINDS[kind]), {"kind": kind}) for kind in KINDS),
    ("pages/train.py", tuple(KINDS["gan"]), {"kind": "gan", "preset": "dcgan"}),
    ("pages/train.py", tuple(KINDS["gan"]), {}),
    *(("pages/latent-space.py", MAP, {"run": run}) for run in RUNS),
    *(("pages/generate.py", DRAWN, {"run": run}) for run in RUNS),
    ("pages/quality.py", ("beside",), {"run": "vae-map"}),
    ("pages/learn.py", ("chapter", "done", "before", "after", "room", "teacher", "projector"), {}),
]


def visit(page: str, query: dict[str, str | list[str]]) -> AppTest:
    """Open the app with a link, on a page."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    if page != "pages/home.py":
        app.switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def faults(case: Case, value: str | list[str]) -> list[str]:
    """What is wrong with how a page takes a value under each of some names."""
    page, names, rest = case
    if len(value) * len(names) > LONGEST_LINK and len(names) > 1:
        return faults((page, names[:1], rest), value) + faults((page, names[1:], rest), value)
    app = visit(page, {**rest, **dict.fromkeys(names, value)})
    label = f"{page} {str(value)[:60]!r} beside {rest}"
    if app.exception:
        return [f"{label}: {app.exception[0].message}"]
    said = [junk.read(element.value) for element in app.warning] + [junk.read(element.value) for element in app.error]
    found = [f"{label}: as long as {len(sentence)}" for sentence in said if len(sentence) > 1_000]
    for name in names:
        about = [sentence for sentence in said if len(names) == 1 or sentence.startswith(f"{name} ")]
        if len(about) > 1:
            found.append(f"{label}: {name}: {about}")
        elif about and name in app.query_params:
            found.append(f"{label}: {name} is refused and stays in the link")
        elif not about and not _used(app, name, value):
            found.append(f"{label}: {name} is dropped without a word")
    if len(said) > len(names):
        found.append(f"{label}: more than a sentence for each: {said}")
    return found


def _used(app: AppTest, name: str, value: str | list[str]) -> bool:
    """Whether an input holds the value, in whatever form it was given."""
    try:
        return _holds(app, name, value)
    except ValueError:
        return False


def _holds(app: AppTest, name: str, value: str | list[str]) -> bool:
    if name not in app.session_state:
        return name in app.query_params  # the input is not shown now; the link keeps the value for when it is
    held = app.session_state[name]
    texts = [value] if isinstance(value, str) else value
    if isinstance(held, bool):
        return texts[0].strip().lower() in (("yes", "true", "1") if held else ("no", "false", "0"))
    if isinstance(held, list):
        return [str(one) for one in held] == [str(int(text)) for text in dict.fromkeys(texts)]
    if isinstance(held, (int, float)):
        return float(texts[0].replace(",", "").split(" x ")[0]) == held
    if "," in texts[0] or "," in held:
        return [int(part) for part in texts[0].split(",")] == [int(part) for part in held.split(",")]
    return held == texts[0] or int(texts[0]) == int(held)


@pytest.mark.timeout(600)  # for a machine that does much else
def test_a_sample_of_links_gives_one_sentence_or_is_used() -> None:
    chance = random.Random(7)
    sample = [(case, value) for case in CASES for value in ("inf", chance.choice(junk.VALUES))]
    found = [fault for case, value in sample for fault in faults(case, value)]
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_all_links_give_one_sentence_or_are_used(case: Case) -> None:
    found = [fault for value in (*junk.VALUES, *junk.REPEATED) for fault in faults(case, value)]
    assert not found, f"{len(found)}:\n" + "\n".join(found)


def test_names_of_other_sites_are_left_alone() -> None:
    app = visit("pages/generate.py", {"utm_source": "[a](http://evil.test)", "zz9": "1", "z1": "1.5"})
    assert not app.exception and not app.warning
    assert app.query_params["zz9"] == "1" and app.session_state["z"] == "1.5"


def test_the_sentence_stays_until_the_visitor_goes_to_another_page() -> None:
    app = visit("pages/generate.py", {"grid_seed": "inf", "run": "vae-map"})
    assert "grid_seed" not in app.query_params
    next(button for button in app.button if button.label == "Next seed").click().run()
    assert len(app.warning) == 1 and not app.exception
    app.switch_page("pages/quality.py").run()
    assert not app.warning and not app.exception


@pytest.mark.parametrize("text", ["yes", "YES", " true ", "1"])
def test_a_switch_reads_the_words_of_the_command_line(text: str) -> None:
    app = visit("pages/train.py", {"conditional": text})
    assert app.toggle(key="conditional").value is True and not app.warning


def test_an_option_is_known_by_its_value_and_by_its_label() -> None:
    for text in ("10000", "10,000"):
        app = visit("pages/latent-space.py", {"points": text, "run": "vae-map"})
        assert app.session_state["points"] == 10_000 and not app.warning
    app = visit("pages/generate.py", {"latents_vae": "fitted", "run": "vae-map"})
    assert app.session_state["latents_vae"] == "fitted" and not app.warning


def test_what_is_typed_into_the_form_is_not_blamed_on_the_link() -> None:
    app = visit("pages/train.py", {"hidden_units": "64"})
    app.text_input(key="hidden_units").set_value("128, many").run()
    assert [len(app.warning), len(app.error)] == [0, 1]
