"""Every page on an empty store, on a full one, and with what a hand-edited link can hold."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmod import kinds, quality, runs
from genmod.datasets import MNIST
from genmod.errors import GenmodError, RunError
from genmod.inference import latent_space
from genmod.jobs import workers
from genmod.quality import Quality, measurements, metrics, reference
from genmod.runs import Run, Store
from genmod.ui import settings
from tests.pages import junk, reading

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.relative_to(PROJECT).as_posix() for path in (PROJECT / "pages").glob("*.py"))
Open = Callable[..., AppTest]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store of own runs."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "store"))
    return runs.home()


@pytest.fixture
def no_shipped_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project without its shipped runs."""
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "nothing")


@pytest.fixture(autouse=True)
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page of these tests starts a process: a store with runs that wait would train them."""

    def refuse(store: Store, mode: str) -> None:
        raise GenmodError("Tests start no training processes.")

    monkeypatch.setattr(workers, "_spawn", refuse)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Queue trainings without starting them."""
    monkeypatch.setattr("genmod.jobs.dispatch.ensure_worker", lambda store: None)


def visit(page: str, **query: str) -> AppTest:
    """Open the app with a link, on a page."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    if page != "pages/home.py":
        app.switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def stages(app: AppTest) -> list[Any]:
    """The stages on the page, of which there is one at most."""
    return [found for found in app.get("bidi_component") if "stage" in found.proto.component_name]


def pad(app: AppTest) -> dict[str, Any]:
    """What the browser is told to draw on the latent pad, or with its sliders."""
    (found,) = [found for found in app.get("bidi_component") if "genmod_pad" in found.proto.component_name]
    told: dict[str, Any] = json.loads(found.proto.json)
    return told


def texts(app: AppTest) -> str:
    """All sentences on the page, as a visitor reads them."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    found = [junk.read(element.value) for kind in kinds for element in kind]
    return "\n".join([*found, *(block.proto.body for block in app.get("html"))])


def healthy(app: AppTest) -> None:
    """No exception reached the page."""
    assert not app.exception, [element.message for element in app.exception]


@pytest.mark.parametrize("page", PAGES)
def test_page_works_with_no_own_runs(page: str, home: Store) -> None:
    app = visit(page)
    healthy(app)
    assert app.title[0].value


@pytest.mark.usefixtures("no_shipped_runs")
@pytest.mark.parametrize("page", PAGES)
def test_page_says_what_to_do_when_there_is_no_run_at_all(page: str, home: Store) -> None:
    app = visit(page)
    healthy(app)
    # Training data has no use for a run, and neither has the start of the lesson.
    assert ("no run" in texts(app).lower()) == (page not in ("pages/training-data.py", "pages/learn.py"))


@pytest.mark.parametrize("page", PAGES)
def test_page_works_with_many_runs_in_all_states(page: str, home: Store) -> None:
    for state in sorted(runs.STATES):
        run = home.create(kinds.from_preset("vae", "article"), f"state-{state}")
        run.set_status(state, f"It is {state}.")
    shutil.copytree(PROJECT / "checkpoints" / "vae-elbo", home.root / "copied-run")
    for chosen in ["copied-run", *(f"state-{state}" for state in sorted(runs.STATES))]:
        app = visit(page, run=chosen)
        healthy(app)
        assert app.session_state["run"] == chosen


@pytest.mark.sampled(12)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("file", ["config.json", "status.json", "history.csv", "decoder.tflite", "encoder.tflite"])
def test_page_survives_a_half_deleted_run(page: str, file: str, home: Store) -> None:
    folder = home.root / "torn-run"
    shutil.copytree(PROJECT / "checkpoints" / "vae-elbo", folder)
    (folder / file).unlink()
    healthy(visit(page, run="torn-run"))
    (folder / file).write_bytes(b"\x00 nonsense {")
    healthy(visit(page, run="torn-run"))


def test_unknown_run_in_the_link_is_named(home: Store) -> None:
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.query_params["run"] = "../../etc/passwd"
    app.run()
    healthy(app)
    assert "There is no run '../../etc/passwd' here" in texts(app)


@pytest.mark.parametrize(
    ("page", "name", "value", "expected"),
    [
        ("pages/train.py", "latent_dim", "64", "latent_dim is '64'; it must be a whole number from 1 to 32."),
        ("pages/train.py", "beta", "nan", "beta is 'nan'; it must be a number from 0 to 100."),
        ("pages/train.py", "hidden_units", "9999", "must be 1 to 4 whole numbers from 4 to 1,024"),
        ("pages/train.py", "optimizer", "magic", "it must be one of rmsprop, adam, sgd."),
        ("pages/train.py", "preset", "nope", "preset is 'nope'; it must be one of article, elbo, map, best"),
        ("pages/train.py", "kind", "tree", "'tree' is not a kind of model; known are vae, ae, gan, flow."),
        ("pages/train.py", "epochs", "1e99", "epochs is '1e99'; it must be a whole number from 1 to 500."),
        ("pages/generate.py", "z1", "99", "z1 is '99'; it must be a number from -4 to 4."),
        ("pages/generate.py", "spread", "-1", "spread is '-1'; it must be a number from 0 to 3."),
        ("pages/generate.py", "grid_seed", "x", "grid_seed is 'x'; it must be a whole number"),
        ("pages/latent-space.py", "digit", "10000", "digit is '10000'; it must be a whole number from 0 to 9,999."),
        ("pages/training-data.py", "shuffle_seed", "-3", "shuffle_seed is '-3'; it must be a whole number"),
    ],
)
def test_bad_value_in_the_link_gets_one_sentence(page: str, name: str, value: str, expected: str, home: Store) -> None:
    app = visit(page, **{name: value})
    healthy(app)
    assert expected in texts(app)


def test_preset_sets_all_settings(home: Store) -> None:
    app = visit("pages/train.py")
    app.selectbox(key="preset").set_value("map").run()
    healthy(app)
    assert app.number_input(key="latent_dim").value == 2
    assert app.text_input(key="hidden_units").value == "192, 96, 64"
    assert app.selectbox(key="optimizer").value == "adam"


def test_link_with_a_preset_sets_the_rest(home: Store) -> None:
    app = visit("pages/train.py", preset="map", epochs="7")
    assert app.number_input(key="latent_dim").value == 2
    assert app.number_input(key="epochs").value == 7


def test_bad_hidden_layers_in_the_form_are_explained(home: Store) -> None:
    app = visit("pages/train.py")
    app.text_input(key="hidden_units").set_value("128, many").run()
    healthy(app)
    assert "hidden_units is '128, many'; it must be 1 to 4 whole numbers" in texts(app)
    assert next(button for button in app.button if button.label == "Train").disabled


@pytest.mark.usefixtures("no_worker")
def test_train_queues_the_settings_and_shows_the_new_run(home: Store) -> None:
    app = visit("pages/train.py", epochs="3", seed="5")
    next(button for button in app.button if button.label == "Train").click().run()
    healthy(app)
    (run,) = home.runs()
    assert (run.config().epochs, run.config().seed) == (3, 5)
    assert app.session_state["run"] == run.id
    assert "Starting" in texts(app)


@pytest.mark.usefixtures("no_worker")
def test_stop_takes_a_waiting_run_out_of_the_queue(home: Store) -> None:
    app = visit("pages/train.py")
    next(button for button in app.button if button.label == "Train").click().run()
    next(button for button in app.button if button.label == "Stop").click().run()
    healthy(app)
    assert home.runs()[0].status().state == runs.STOPPED
    assert "Taken out of the queue" in texts(app)


@pytest.mark.usefixtures("no_worker")
def test_store_that_cannot_be_written_gets_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "file" / "store"))
    app = visit("pages/train.py")
    next(button for button in app.button if button.label == "Train").click().run()
    healthy(app)
    assert "Runs cannot be saved in the folder" in texts(app)


def test_a_link_of_an_earlier_version_still_moves_the_sliders(home: Store) -> None:
    def place(**query: str) -> Any:
        app = visit("pages/generate.py", **query)
        healthy(app)
        assert not app.warning
        return pad(app)["z"]

    assert place(run="vae-map", z1="1.25", z2="-0.5") == [1.25, -0.5]
    assert place(run="vae-article", z3="2") == [0.0, 0.0, 2.0, 0.0]
    # Of many latent numbers the others came from a seed.
    many = place(run="gan-dense", z1="-1.5", rest_seed="7")
    other = place(run="gan-dense", z1="-1.5", rest_seed="8")
    assert many[0] == other[0] == -1.5 and many[1:] != other[1:]
    assert many[40] == pytest.approx(latent_space.prior_samples(1, 64, 7)[0, 40], abs=0.006)


def test_a_link_says_where_the_point_is(home: Store) -> None:
    for page in ("pages/generate.py", "pages/latent-space.py"):
        assert pad(visit(page, run="vae-map", z="1.25 -0.5"))["z"] == [1.25, -0.5]
        assert pad(visit(page, run="vae-map", z="0"))["z"] == [0.0, 0.0]
        assert pad(visit(page, run="vae-map", z="3"))["z"] == [3.0, 0.0]


@pytest.mark.parametrize("bad", ["nan 1", "1 inf", "1e9", "x", "1 " * 200, "1 <b>"])
def test_a_point_that_is_none_gets_one_sentence(bad: str, home: Store) -> None:
    for page in ("pages/generate.py", "pages/latent-space.py"):
        app = visit(page, run="vae-map", z=bad)
        healthy(app)
        assert texts(app).count("it must be at most 128 numbers from -999 to 999 separated by spaces.") == 1
        assert pad(app)["z"] == [0.0, 0.0]


def test_every_latent_number_has_a_slider(home: Store) -> None:
    for run, dim in (("vae-article", 4), ("vae-best", 24), ("gan-dense", 64)):
        numbers = pad(visit("pages/generate.py", run=run))["numbers"]
        assert sorted(number["place"] for number in numbers) == list(range(dim))


def test_sliders_stand_in_the_order_of_what_they_say(home: Store) -> None:
    told = pad(visit("pages/latent-space.py", run="vae-best"))
    said = [number["says"] for number in told["numbers"]]
    nats = [float(words.split()[0]) for words in said if words != "next to nothing"]
    assert nats == sorted(nats, reverse=True) and nats[-1] > 0
    silent = [number for number in told["numbers"] if number["silent"]]
    assert all(number["says"] == "next to nothing" and not number["open"] for number in silent)
    assert told["silent_words"].startswith(f"{len(silent)} of 24 say nothing")


def test_map_of_four_latent_numbers_can_be_seen_in_two_ways(home: Store) -> None:
    for view in ("pca", "coordinates", "telling"):
        healthy(visit("pages/latent-space.py", run="vae-article", view=view, across="z3", up="z3"))


def test_pictures_and_charts_have_words(home: Store) -> None:
    for page in PAGES:
        app = visit(page)
        for block in app.get("html"):
            assert block.proto.body.count("<img") == block.proto.body.count("alt=") - block.proto.body.count('alt=""')
        for chart in app.get("vega_lite_chart"):
            assert chart.proto.alt


VISIT_ALL = """
import sys
from streamlit.testing.v1 import AppTest
for page in sys.argv[1:]:
    app = AppTest.from_file("app.py", default_timeout=60)
    app.switch_page(page) if page != "pages/home.py" else None
    assert not app.run().exception
print(*sorted({"tensorflow", "keras", "sklearn", "scipy"} & set(sys.modules)))
"""


def test_pages_never_load_tensorflow_keras_or_scikit_learn(home: Store) -> None:
    # In a process of its own: other tests of this one do load them.
    command = [sys.executable, "-c", VISIT_ALL, *PAGES]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=100, check=True)
    assert ended.stdout.strip() == ""


@pytest.fixture
def no_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take wishes for measurements without starting a worker."""
    monkeypatch.setattr("genmod.jobs.queues.Queue.ensure_worker", lambda queue, store: None)


@pytest.fixture
def own_run(home: Store) -> Run:
    """A finished run of one's own that nobody has measured."""
    shutil.copytree(PROJECT / "checkpoints" / "vae-elbo", home.root / "own")
    (home.root / "own" / "quality.json").unlink()
    return Run(home.root / "own")


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    healthy(app)


def shares(app: AppTest) -> list[str]:
    """What the charts of the shares of classes say."""
    return [chart.proto.alt for chart in app.get("vega_lite_chart") if chart.proto.alt.startswith("Bars of the share")]


def test_quality_of_a_shipped_run_is_there_at_once(home: Store) -> None:
    app = visit("pages/quality.py", run="vae-map")
    healthy(app)
    known = quality.kept(runs.find("vae-map").path)
    assert known is not None
    for metric in metrics.of(MNIST):
        value = known.number(metric.name)
        assert (metric.title in texts(app)) == (value is not None)
        assert value is None or metric.text(value) in texts(app)
        assert value is None or metric.sentence in reading.words(texts(app))
    assert "Most often it sees" in texts(app)
    assert len(shares(app)) == 1


@pytest.mark.usefixtures("no_measuring")
def test_quality_is_measured_when_asked_for(own_run: Run, home: Store) -> None:
    app = visit("pages/quality.py", run="own")
    assert "has not been measured yet" in texts(app)
    assert "real test images" in texts(app)  # the scales alone
    assert "As asked" not in texts(app)  # nobody can ask it for a digit
    press(app, "Measure the quality")
    assert "Getting ready" in texts(app)
    assert next(button for button in app.button if button.label == "Measure the quality").disabled
    press(app, "Cancel")
    assert "Getting ready" not in texts(app)


@pytest.mark.usefixtures("no_measuring")
def test_quality_shows_how_far_it_is_and_why_it_failed(
    own_run: Run, home: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    during = []

    def measure(run: Run, report: quality.Report) -> Quality:
        report(0.42, "Looking closely")
        app = visit("pages/quality.py", run="own")
        healthy(app)
        during.append(texts(app))
        raise RunError("The model is odd.")

    monkeypatch.setattr(quality, "measure", measure)
    measurements.ask(home, own_run)
    measurements.work(home)
    assert "Looking closely: 42 %" in during[0]
    assert 'aria-valuenow="42"' in during[0]
    app = visit("pages/quality.py", run="own")
    healthy(app)
    assert "The model is odd." in texts(app)


def test_a_measuring_process_that_cannot_start_is_a_sentence_on_the_page(
    own_run: Run, home: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("genmod.system.processes.start", refuse)
    app = visit("pages/quality.py", run="own")
    press(app, "Measure the quality")
    sentence = "The measuring process could not be started (Resource temporarily unavailable)."
    assert [warning.value for warning in app.warning] == [sentence]
    assert not app.exception


def test_stale_quality_says_so(own_run: Run, home: Store) -> None:
    known = quality.kept(runs.find("vae-map").path)
    assert known is not None
    quality.save(own_run.path, known)  # numbers of another model
    app = visit("pages/quality.py", run="own")
    healthy(app)
    assert "belong to an earlier state" in texts(app)
    assert "belong to an earlier state" not in texts(visit("pages/quality.py", run="vae-map"))


@pytest.mark.parametrize("name", ["ae-article", "vae-article", "vae-elbo", "vae-map", "vae-best", "gan-dense"])
def test_what_is_said_of_holes_is_so(name: str, home: Store) -> None:
    known = quality.kept(runs.find(name).path)
    assert known is not None
    prior, fitted = known.number("confident_share"), known.number("fitted_confident_share")
    said = reading.words(texts(visit("pages/quality.py", run=name)))
    if fitted is None or prior is None:
        assert "fitted to its codes" not in said
        return
    assert f"{100 * fitted:.1f} % are clear instead of {100 * prior:.1f} %" in said
    assert ("the gap is what holes between its codes cost" in said) == (fitted - prior > 0.05)


def test_generate_starts_from_the_prior_for_every_kind(all_kinds: Store) -> None:
    for run in ("tiny-ae", "tiny-gan", "vae-map"):
        said = texts(visit("pages/generate.py", run=run))
        assert "latents from a normal distribution with standard deviation 1.00" in said
        assert "from the prior, the standard normal distribution, whatever the kind" in said


def test_two_runs_stand_on_the_same_scales(home: Store) -> None:
    app = visit("pages/quality.py", run="vae-map", beside="vae-elbo")
    healthy(app)
    scale = re.search(r'aria-label="(Frechet distance[^"]*)"', texts(app))
    assert scale is not None
    measured = quality.kept(runs.find("vae-map").path)
    assert measured is not None
    assert f"vae-map {measured.number('frechet_distance'):.2f}" in scale[1]
    assert "vae-elbo 9" in scale[1]
    assert len(shares(app)) == 2


def test_an_unknown_run_to_compare_with_is_named(home: Store) -> None:
    app = visit("pages/quality.py", run="vae-map", beside="<b>")
    healthy(app)
    assert "There is no run '<b>' to compare with" in texts(app)


def test_a_missing_classifier_gets_one_sentence(home: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reference, "SHIPPED", tmp_path)
    app = visit("pages/quality.py", run="vae-map")
    healthy(app)
    assert "classifier.json of the classifier of MNIST is missing" in texts(app)


# Other kinds of model


@pytest.fixture
def all_kinds(home: Store, tiny_gan: Run, tiny_ae: Run) -> Store:
    """A store with a run by class and an autoencoder."""
    for run in (tiny_gan, tiny_ae):
        shutil.copytree(run.path, home.root / run.id)
    return home


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("run", ["tiny-gan", "tiny-ae"])
def test_page_works_with_every_kind_of_model(page: str, run: str, all_kinds: Store) -> None:
    app = visit(page, run=run)
    healthy(app)
    assert app.session_state["run"] == run


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_the_link_chooses_the_kind_and_its_preset(kind: str, home: Store) -> None:
    presets = kinds.kind(kind).presets
    app = visit("pages/train.py", kind=kind, preset=presets[-1].name)
    healthy(app)
    assert app.selectbox(key="kind").value == kind
    shown = [settings.SHOWN] if kind == "vae" else []  # the run that is shown when the link names none is a VAE
    assert app.selectbox(key="preset").options == [*shown, *(preset.name for preset in presets)]
    assert presets[-1].reason in texts(app)


@pytest.mark.usefixtures("no_worker")
def test_another_kind_brings_its_own_settings(home: Store) -> None:
    app = visit("pages/train.py")
    app.selectbox(key="kind").set_value("gan").run()
    healthy(app)
    assert app.selectbox(key="preset").value == "dense"
    assert app.number_input(key="discriminator_learning_rate").value == 1e-3
    assert app.number_input(key="batch_size").value == 64
    app.selectbox(key="preset").set_value("discriminator-wins").run()
    next(button for button in app.button if button.label == "Train").click().run()
    healthy(app)
    (run,) = home.runs()
    assert run.config() == kinds.from_preset("gan", "discriminator-wins")


def test_settings_of_other_layers_are_not_shown(home: Store) -> None:
    app = visit("pages/train.py", kind="gan", preset="dcgan")
    keys = {element.key for element in app.text_input}
    assert "generator_filters" in keys
    assert "generator_units" not in keys


def test_a_gan_says_how_it_goes_in_a_sentence(all_kinds: Store) -> None:
    app = visit("pages/train.py", run="tiny-gan")
    act = json.loads(stages(app)[0].proto.json)["acts"][0]
    said = act["rows"][-1]["t"]
    assert "the discriminator was right on" in said or "the discriminator gave real" in said or "Each picture" in said
    assert "both of its lines meet at 0.45" in texts(app)
    rules = {rule["name"]: round(rule["value"], 4) for plot in act["plots"] for rule in plot["rules"]}
    assert rules == {"0.45": 0.45, "generator even": 0.7985, "discriminator even": 1.3763, "test images": 1.0}
    assert act["even"] == 0.45 and "0.45" in act["evenWords"]


def test_a_digit_can_be_chosen_of_a_run_by_class_only(all_kinds: Store) -> None:
    app = visit("pages/generate.py", run="tiny-gan")
    assert "asked for a 7" in texts(app)
    assert "asked for" not in texts(visit("pages/generate.py", run="tiny-ae"))


def test_a_gan_has_no_map_and_the_page_says_why(all_kinds: Store) -> None:
    app = visit("pages/latent-space.py", run="tiny-gan")
    assert "it has no encoder" in texts(app)
    assert not app.get("vega_lite_chart")


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("pages/generate.py", {"wanted": "12"}),
        ("pages/generate.py", {"digits": "all"}),
        ("pages/latent-space.py", {"grid_digit": "x"}),
    ],
    ids=str,
)
def test_a_link_s_digit_that_is_none_gives_a_sentence(page: str, query: dict[str, str], home: Store) -> None:
    app = visit(page, run="vae-conditional", **query)
    healthy(app)
    ((name, value),) = query.items()
    assert f"{name} is '{value}'; it must be a whole number from 0 to 9" in texts(app)
