"""The Quality page read against the numbers: one run, two runs, all runs."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmod import quality, runs
from genmod.datasets import MNIST
from genmod.kinds import VAEConfig, glossary
from genmod.quality import Quality, faults, metrics, reference, seeds, time_to_quality, verdict
from genmod.runs import Store
from genmod.ui import say
from tests.pages import reading
from tests.pages.test_pages import healthy, texts, visit
from tests.pages.test_words import offered, written


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store of own runs."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "store"))
    return runs.home()


def known(name: str) -> Quality:
    """What was measured of a shipped run."""
    found = quality.kept(runs.find(name).path)
    assert found is not None
    return found


def read(app: AppTest) -> str:
    """All that stands on the page, headings too."""
    return "\n".join([*(heading.value for heading in app.header), reading.words(texts(app))])


@pytest.mark.sampled(12)
@pytest.mark.parametrize("run", runs.shipped().runs(), ids=lambda run: run.id)
def test_a_run_s_page_gives_its_verdict_and_its_three_numbers(run: runs.Run) -> None:
    app = visit("pages/quality.py", run=run.id)
    healthy(app)
    found, source = known(run.id), run.config().source
    said = verdict.verdict(source, found, reference.ends(source))
    assert said is not None
    assert said.headline in read(app)
    assert said.sentences in read(app)
    shares = [found.number("precision"), found.number("recall"), 1 - (found.number("copied_share") or 0.0)]
    titles = ("Looks right", "Everything is there", "Invented, not copied")
    for title, share in zip(titles, shares, strict=True):
        assert re.search(rf'aria-label="{title}: {run.id} {100 * (share or 0.0):.1f} %; ', texts(app))
    assert "All numbers" in [expander.label for expander in app.expander]


def test_the_autoencoder_beside_the_vae_from_the_prior_first() -> None:
    said = read(visit("pages/quality.py", run="ae-article", beside="vae-elbo"))
    one, other = known("ae-article"), known("vae-elbo")
    from_prior = said.index("Both draw from the prior")
    fitted = said.index("Apart from that, with latents fitted to each one's own codes")
    assert from_prior < fitted
    for place, prefix in ((from_prior, ""), (fitted, "fitted_")):
        paragraph = said[place:].partition("\n")[0]
        clear = [100 * (which.number(f"{prefix}confident_share") or 0.0) for which in (one, other)]
        distances = [which.number(f"{prefix}frechet_distance") or 0.0 for which in (one, other)]
        assert f"{clear[0]:.1f} % of the digits of ae-article and of {clear[1]:.1f} % of those of vae-elbo" in paragraph
        assert all(f"{distance:.2f}" in paragraph for distance in distances)
        assert ("vae-elbo comes nearer to real images" in paragraph) == (distances[0] > 1.1 * distances[1])
        assert "ae-article comes nearer" not in paragraph or distances[1] > 1.1 * distances[0]
    assert "From the same seed" in said
    assert "They have the same values in every setting that they share" in said
    assert "The two are different kinds of model. ae-article is a plain autoencoder" in said


def test_what_is_the_prior_s_fault_stands_under_where_latents_come_from(home: Store) -> None:
    ends = reference.ends(MNIST)
    app = visit("pages/quality.py", run="vae-best")
    healthy(app)
    said = read(app)
    assert faults.sentence(known("vae-best"), ends) in said
    assert "Frechet distance, latents from a mixture" in said
    both = read(visit("pages/quality.py", run="vae-best", beside="ae-article"))
    for name in ("vae-best", "ae-article"):
        assert f"{name}: {faults.sentence(known(name), ends)}" in both
    assert "the prior's fault" not in read(visit("pages/quality.py", run="gan-dense"))


def test_a_source_that_could_not_be_measured_says_why(home: Store) -> None:
    shutil.copytree(runs.find("vae-elbo").path, home.root / "mine")
    found = known("vae-elbo")
    values = {name: value for name, value in found.values.items() if not name.startswith("mixture_")}
    notes = {**found.notes, "unmade": {"mixture": "The run [mine](http://b) has learned from 7 images."}}
    quality.save(home.root / "mine", dataclasses.replace(found, values=values, notes=notes))
    app = visit("pages/quality.py", run="mine")
    healthy(app)
    captions = [caption.value for caption in app.caption if caption.value.startswith("Not measured")]
    assert captions == [say.plain("Not measured: The run [mine](http://b) has learned from 7 images.")]
    assert "Frechet distance, latents from a mixture" not in read(app)


def test_a_run_without_an_encoder_is_not_compared_by_fitted_latents() -> None:
    said = read(visit("pages/quality.py", run="gan-dense", beside="vae-best"))
    assert "Only vae-best was measured with latents fitted to its codes as well" in said
    assert "gan-dense has no encoder, so there is nothing to compare this with" in said


def test_runs_of_one_kind_show_the_settings_that_differ(home: Store) -> None:
    app = visit("pages/quality.py", run="vae-elbo", beside="vae-article")
    healthy(app)
    one, other = runs.find("vae-elbo").config().values, runs.find("vae-article").config().values
    labels = {VAEConfig.setting(name).label for name in one if one[name] != other[name]}
    table = app.dataframe[0].value
    assert set(table["setting"]) == labels
    assert list(table.columns) == ["setting", "vae-elbo", "vae-article"]
    assert "different kinds" not in read(app)


def test_the_link_s_seed_draws_both_grids() -> None:
    app = visit("pages/quality.py", run="gan-conditional", beside="vae-conditional", pair_seed="12")
    healthy(app)
    assert texts(app).count("from seed 12, the classes in turn") == 2
    assert "pair_seed is 'x'" in texts(visit("pages/quality.py", run="vae-map", beside="vae-elbo", pair_seed="x"))


def test_an_own_run_joins_the_picture_when_it_was_measured(home: Store) -> None:
    shutil.copytree(runs.find("vae-elbo").path, home.root / "mine")
    known = quality.kept(home.root / "mine")
    assert known is not None
    words = f'href="?run=mine" aria-label="mine: precision {100 * (known.number("precision") or 0):.1f} %'
    assert words in texts(visit("pages/quality.py", run="vae-map"))
    (home.root / "mine" / quality.NAME).unlink()
    app = visit("pages/quality.py", run="mine")
    healthy(app)
    assert "mine: precision" not in texts(app)
    assert "mine is not among them" in texts(app)


def test_the_dials_have_headings_of_their_own_level(home: Store) -> None:
    app = visit("pages/quality.py", run="vae-map")
    levels = [int(level) for body in app.get("html") for level in re.findall(r"<h(\d)", body.proto.body)]
    assert set(levels) == {3}
    assert f"All measured runs of {MNIST.title}" in read(app)


TIMES = Path(__file__).resolve().parents[1] / "quality" / "time-to-quality.csv"


def test_time_to_quality_is_drawn_told_and_tabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_to_quality, "TABLE", TIMES)
    app = visit("pages/quality.py", run="gan-dense")
    healthy(app)
    found = time_to_quality.of(MNIST, TIMES)
    said = read(app)
    assert said.index("Time to quality") < said.index("What the classifier sees")
    for sentence in (time_to_quality.lead(MNIST, found), time_to_quality.measured(found), time_to_quality.reading()):
        assert sentence in said
    assert [expander.label for expander in app.expander] == ["Time to quality in numbers", "All numbers"]
    table = app.dataframe[0].value
    assert list(table.columns) == list(time_to_quality.HEADINGS)
    assert [tuple(row) for row in table.itertuples(index=False)] == time_to_quality.rows(found)
    words = time_to_quality.words(found, reference.ends(MNIST)["frechet_distance"][0])
    assert words in [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert {term.name for term in glossary.found(written(app))} <= offered(app)


def test_another_data_set_has_its_own_presets_in_time_to_quality(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_to_quality, "TABLE", TIMES)
    app = visit("pages/quality.py", run="fashion-gan")
    healthy(app)
    assert app.dataframe[0].value["preset"].tolist() == ["GAN fashion"]


@pytest.mark.parametrize("content", [None, "preset,seed\ngan:dense,0\n", "\0"])
def test_without_a_table_that_can_be_read_there_is_no_time_to_quality(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    monkeypatch.setattr(time_to_quality, "TABLE", tmp_path / "table.csv")
    if content is not None:
        (tmp_path / "table.csv").write_text(content)
    app = visit("pages/quality.py", run="gan-dense")
    healthy(app)
    assert "Time to quality" not in read(app)
    assert [expander.label for expander in app.expander] == ["All numbers"]


def test_a_run_of_a_preset_has_its_spread_over_seeds_beside_its_numbers() -> None:
    spread = seeds.of(runs.find("vae-elbo"))["frechet_distance"]
    metric = next(metric for metric in metrics.of(MNIST) if metric.name == "frechet_distance")
    said = read(visit("pages/quality.py", run="vae-elbo"))
    assert f"Trained with the settings of vae-elbo: {spread.text(metric)}." in said
    assert "Trained with the settings of" not in read(visit("pages/quality.py", run="row-beta-5"))


def test_beside_another_run_the_page_says_what_chance_explains() -> None:
    said = read(visit("pages/quality.py", run="row-beta-5", beside="vae-elbo"))
    assert "known for the settings of vae-elbo, not for those of row-beta-5" in said
    assert seeds.RULE in said
    assert "chance" not in read(visit("pages/quality.py", run="row-beta-5", beside="row-beta-1"))


def test_what_may_be_compared_with_papers_is_said(home: Store) -> None:
    run = own_copy(home, "vae-elbo")
    found = known("vae-elbo")
    values = {**found.values, "test_binarised_nll_bound": 125.0, "different_images": 670.0}
    notes = {**found.notes, "importance_images": 1_000, "importance_samples": 50}
    quality.save(run.path, dataclasses.replace(found, values=values, notes=notes, stamp=quality.stamp(run)))
    said = read(visit("pages/quality.py", run=run.id))
    assert "125.0 nats" in said and "Burda et al. (2016, arXiv:1509.00519) report 86.8 nats" in said
    assert "50 importance samples an image lower it was measured on 1,000 of them" in said
    assert "How many different ones?" in said and "It takes all images for equally likely" in said


def own_copy(home: Store, name: str) -> runs.Run:
    """A shipped run among the own ones."""
    home.root.mkdir(parents=True, exist_ok=True)
    shutil.copytree(runs.find(name).path, home.root / f"{name}-own")
    return runs.find(f"{name}-own", home)
