"""Every page with runs of every data set: their words, their classes, their links."""

from __future__ import annotations

import re
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from genmod import quality, runs
from genmod.datasets import DATASETS, FASHION_MNIST, SHAPES, DataSource
from genmod.errors import GenmodError
from genmod.jobs import workers
from genmod.quality import Sizes
from genmod.runs import Run, Store
from tests.pages import reading
from tests.pages.test_pages import PAGES, healthy, pad, texts, visit

FEW = Sizes(samples=300, balls=100, searched=20, bound_images=5, bound_draws=5)
SETS = {"tiny-shapes": SHAPES, "tiny-fashion": FASHION_MNIST}


@pytest.fixture(scope="module")
def measured(tiny_shapes: Run, tiny_fashion: Run, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with a run of each of the other data sets, and what was measured of them."""
    store = Store(tmp_path_factory.mktemp("sets"))
    for run in (tiny_shapes, tiny_fashion):
        shutil.copytree(run.path, store.root / run.id)
        quality.save(store.root / run.id, quality.measure(Run(store.root / run.id), FEW))
    return store


@pytest.fixture(autouse=True)
def home(measured: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store with those runs; nothing is trained."""

    def refuse(store: Store, mode: str) -> None:
        raise GenmodError("Tests start no training processes.")

    monkeypatch.setenv("GENMOD_HOME", str(measured.root))
    monkeypatch.setattr(workers, "_spawn", refuse)
    return measured


def alts(app: AppTest) -> str:
    """What stands for the charts to those who do not see them."""
    return "\n".join(chart.proto.alt for chart in app.get("vega_lite_chart"))


OWN_RUNS = ("pages/learn.py", "pages/training-data.py")  # what they show does not follow the run picker


@pytest.mark.parametrize("page", [page for page in PAGES if page not in OWN_RUNS])
@pytest.mark.parametrize("run", SETS)
def test_every_page_speaks_of_the_run_s_own_images(page: str, run: str) -> None:
    app = visit(page, run=run)
    healthy(app)
    assert app.session_state["run"] == run
    assert f"of {SETS[run].title}, preset" in texts(app)
    main = "\n".join(element.value for kind in (app.main.caption, app.main.markdown) for element in kind)
    assert "MNIST" not in main.replace("Fashion-MNIST", "")


@pytest.mark.parametrize("source", DATASETS.values(), ids=lambda source: source.name)
def test_training_data_shows_every_data_set(source: DataSource) -> None:
    app = visit("pages/training-data.py", dataset=source.name)
    healthy(app)
    assert source.title in texts(app)
    assert source.licence in texts(app)
    assert all(f"{name}: " in alts(app) for name in source.class_names)
    assert app.pills(key="digits").options == list(source.class_names)
    assert len(app.dataframe) == (1 if source.factors else 0)


def test_the_factors_are_those_of_the_images_shown() -> None:
    app = visit("pages/training-data.py", dataset="shapes", digits="triangle", shuffle_seed="5")
    healthy(app)
    table = app.dataframe[0].value
    assert list(table.columns) == [
        "image", "Shape", "Position across (pixels)", "Position down (pixels)", "Size (pixels)", "Angle (degrees)",
    ]  # fmt: skip
    assert set(table["Shape"]) == {"triangle"}
    assert table["Angle (degrees)"].max() < 120
    known = SHAPES.load().train_factors
    assert known is not None
    for row in (0, 42, 99):
        assert table["Size (pixels)"][row] == known["size"][table["image"][row]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("ankle boot", "asked for an ankle boot"),
        ("9", "asked for an ankle boot"),
        ("hat", "wanted is 'hat'; it must be one of T-shirt/top, trouser"),
        ("10", "or a whole number from 0 to 9"),
    ],
)
def test_a_link_names_the_class_by_name_or_number(asked: str, said: str) -> None:
    app = visit("pages/generate.py", run="tiny-fashion", wanted=asked)
    healthy(app)
    assert said in re.sub(r"[\\\u2060]", "", texts(app))


def test_a_class_beyond_the_next_run_s_is_forgotten() -> None:
    app = visit("pages/generate.py", run="tiny-fashion", wanted="bag", digits="sandal")
    assert "asked for a bag" in texts(app)
    app.selectbox(key="run").set_value("tiny-shapes").run()
    healthy(app)
    assert "asked for a triangle" in texts(app)
    assert "one column for each class: square, ellipse, triangle" in texts(app)


def test_the_map_has_the_marks_and_names_of_the_classes() -> None:
    app = visit("pages/latent-space.py", run="tiny-shapes", grid_digit="ellipse", part="grid")
    healthy(app)
    (shown,) = pad(app)["maps"]
    assert shown["marks"] == ["■", "●", "▲"] and shown["classes"] == ["square", "ellipse", "triangle"]
    assert shown["wanted"] == 1 and shown["chosen"]["name"] == "test image 0"
    assert "The model was asked for an ellipse throughout" in texts(app)
    app = visit("pages/latent-space.py", run="tiny-shapes", grid_digit="ellipse")
    assert re.search(r"Test image 0, (a square|an ellipse|a triangle), and its reconstruction", texts(app))


def test_quality_counts_the_classes_of_the_run() -> None:
    app = visit("pages/quality.py", run="tiny-shapes")
    healthy(app)
    assert "Clear shapes" in texts(app)
    assert "of 3" in texts(app)
    assert "Here it tells nothing: noise gets 100.0 %" in reading.words(texts(app))
    assert "square, ellipse, triangle in the first row" in texts(app)
    assert re.search(r"Most often it sees (a square|an ellipse|a triangle)", texts(app))
    assert all(f"{name}: " in alts(app) for name in SHAPES.class_names)


def test_only_runs_of_the_same_data_set_are_compared() -> None:
    app = visit("pages/quality.py", run="tiny-fashion", beside="vae-map")
    healthy(app)
    options = app.selectbox(key="beside").options
    assert options[1:] == [run.id for run in runs.shipped().runs() if run.config().source == FASHION_MNIST]
    assert "it must be another run of Fashion-MNIST" in texts(app)


def test_the_settings_offer_the_data_set() -> None:
    app = visit("pages/train.py", dataset="shapes")
    healthy(app)
    assert app.selectbox(key="dataset").options == list(DATASETS)
    assert app.selectbox(key="dataset").value == "shapes"
    assert "These settings were chosen for MNIST" in texts(app)
    assert "The preset was chosen for" not in texts(visit("pages/train.py", preset="fashion-map"))
    assert "dataset is 'cifar'" in texts(visit("pages/train.py", dataset="cifar"))
