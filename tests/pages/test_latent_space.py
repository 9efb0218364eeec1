"""The parts of the Latent space page: what each says of what it shows."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genmod.datasets import MNIST
from genmod.runs import Run, Store
from genmod.ui.latent import subject
from tests.pages import reading
from tests.pages.test_pages import PROJECT, healthy, home, pad, texts, visit

__all__ = ["home"]
PAGE = "pages/latent-space.py"


def looking_at(image: np.ndarray, **query: str) -> AppTest:
    """Open the page as somebody who has drawn an image."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).switch_page(PAGE)
    app.session_state[subject.OWN] = ("mnist", image)
    app.session_state[subject.LOOKED_AT] = True
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_one_s_own_digit_is_the_chosen_one_and_has_a_story(home: Store) -> None:
    image = MNIST.load().test_images[3]
    app = looking_at(image, run="vae-map")
    healthy(app)
    assert "Your own digit, and its reconstruction from the mean of its code" in texts(app)
    assert "Twenty draws from the distribution of your own digit" in texts(app)
    (shown,) = pad(app)["maps"]
    assert shown["chosen"]["index"] is None and shown["chosen"]["name"] == "your own digit"
    test_image = pad(visit(PAGE, run="vae-map", digit="3"))["maps"][0]
    np.testing.assert_allclose(shown["chosen"]["code"], test_image["chosen"]["code"], atol=2e-3)
    assert len(shown["draws"]) == 20


def test_what_a_model_by_class_was_told_of_one_s_own_digit_is_said(home: Store) -> None:
    said = texts(looking_at(MNIST.load().test_images[3], run="vae-conditional", part="own", wanted="4"))
    assert "The model was told that it is a 4" in said
    said = texts(looking_at(MNIST.load().test_images[3], run="gan-conditional", part="own", wanted="4"))
    assert "The model was told that it is a 4" in said
    assert re.search(r"takes it for real with a probability of \d", reading.words(said))


def test_an_autoencoder_s_code_is_a_point(home: Store) -> None:
    app = visit(PAGE, run="ae-article", digit="5")
    assert "there is nothing to draw at random" in reading.words(texts(app))
    (shown,) = pad(app)["maps"]
    assert shown["chosen"]["sigma"] is None and shown["draws"] == []
    assert all("variance" in number["says"] for number in pad(app)["numbers"])


def test_draw_again_draws_others_from_the_same_distribution(home: Store) -> None:
    app = visit(PAGE, run="vae-best")
    before = pad(app)["maps"][0]
    next(button for button in app.button if button.label == "Draw again").click().run()
    healthy(app)
    after = pad(app)["maps"][0]
    assert before["draws"] != after["draws"] and before["chosen"] == after["chosen"]
    spread = np.std(np.array(after["draws"]), axis=0)
    sigma = np.array(after["chosen"]["sigma"])
    assert 0.5 < np.median(spread / sigma) < 1.6


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("vae-map", "5 images from test image 0, a 7, to test image 3, a 0. On the pad the path is the white line."),
        ("vae-conditional", "5 images from test image 0, a 7, to test image 3, a 0, each asked for a 7."),
        ("gan-dense", "5 images from the draw with seed 1 to the one with seed 2."),
    ],
)
def test_a_path_leads_from_one_image_to_the_other(run: str, said: str, home: Store) -> None:
    app = visit(PAGE, run=run, part="between", steps="5")
    healthy(app)
    assert said in texts(app)
    (shown,) = pad(app)["maps"]
    assert len(shown["paths"]) == 1 and len(shown["paths"][0]) == 5
    length = np.linalg.norm(np.array(shown["paths"][0]), axis=1)
    if run == "gan-dense":  # on the sphere: no step comes nearer to the middle than both ends
        assert length.min() >= min(length[0], length[-1]) - 0.05
        assert "Random latents of 64 numbers are about 8.0 long" in texts(app)


def test_two_runs_are_on_one_scale_and_compared_alike(home: Store) -> None:
    app = visit(PAGE, run="ae-article", pad_beside="vae-elbo")
    healthy(app)
    one, other = pad(app)["maps"]
    assert one["limit"] == other["limit"] and one["plane"] == other["plane"]
    assert one["run"] == "ae-article" and other["run"] == "vae-elbo"
    assert re.search(r"recognises 31\.8 % of those of ae-article and 56\.7 % of those of vae-elbo", texts(app))
    assert "pad_beside is 'vae-map'" in texts(visit(PAGE, run="ae-article", pad_beside="vae-map"))


def test_true_factors_stand_beside_what_a_number_does(home: Store, tiny_shapes: Run) -> None:
    shutil.copytree(tiny_shapes.path, home.root / tiny_shapes.id)
    app = visit(PAGE, run=tiny_shapes.id, part="sweep")
    healthy(app)
    (table,) = (frame.value for frame in app.dataframe)
    assert list(table.columns) == ["latent number", "Shape", "Position across", "Position down", "Size", "Angle"]
    assert ((table.iloc[:, 1:] >= 0) & (table.iloc[:, 1:] <= 100)).all(axis=None)
    assert not visit(PAGE, run="vae-map", part="sweep").dataframe


def test_a_number_that_says_nothing_is_called_so(home: Store) -> None:
    silent = next(number for number in pad(visit(PAGE, run="vae-best"))["numbers"] if number["silent"])
    said = texts(visit(PAGE, run="vae-best", part="sweep", swept=f"z{silent['place'] + 1}"))
    assert re.search(r"The encoder puts next to nothing into it, 0\.0\d nats", said)
    assert "The encoder puts" not in texts(visit(PAGE, run="vae-best", part="sweep"))


@pytest.mark.parametrize("part", ["story", "own", "sweep", "between", "row"])
def test_one_latent_number_has_a_slider_and_no_map(part: str, home: Store) -> None:
    app = visit(PAGE, run="row-size-1", part=part)
    healthy(app)
    assert not pad(app)["pad"] and len(pad(app)["numbers"]) == 1
    assert not app.error


def test_one_latent_number_has_no_grid(home: Store) -> None:
    app = visit(PAGE, run="row-size-1", part="grid")
    healthy(app)
    assert "Manifold grid" not in [option for group in app.get("button_group") for option in group.proto.options]
    healthy(visit("pages/generate.py", run="row-size-1", latents_ae="mixture"))
