"""The shapes: the same everywhere, and drawn from exactly the factors that stand beside them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genmod.datasets import SHAPES, Images, shapes

SQUARE, ELLIPSE, TRIANGLE = range(3)


def drawn(shape: int, x: float = 14, y: float = 14, size: float = 8, angle: float = 0) -> Images:
    image: Images = shapes.render(np.array([(shape, x, y, size, angle)], shapes.RECORD))[0]
    return image


def test_the_images_are_the_same_on_every_machine() -> None:
    assert SHAPES.load().sha256 == SHAPES.sha256, "raise VERSION if other images are meant"


def test_no_machine_rounds_a_direction_differently() -> None:
    degrees = np.arange(180 * shapes.ANGLES) / shapes.ANGLES * (math.pi / 180)
    for values in (np.cos(degrees), np.sin(degrees)):
        from_the_middle = np.abs(np.modf(np.abs(values) * 65_536)[0] - 0.5)
        assert from_the_middle.min() > 1e-6, "a last bit of 1e-11 cannot turn the rounding"


def test_factors_stand_beside_the_images_and_are_spread_evenly() -> None:
    data = SHAPES.load()
    assert data.train_factors is not None and data.test_factors is not None
    assert data.train_factors.dtype.names == tuple(factor.name for factor in SHAPES.factors)
    assert len(data.train_factors) == SHAPES.training_images and len(data.test_factors) == SHAPES.test_images
    assert (data.train_factors["shape"] == data.train_labels).all()
    for factor in SHAPES.factors[1:4]:
        values = data.train_factors[factor.name]
        assert (values.min(), values.max()) == (factor.low, factor.high)
        counts, _ = np.histogram(values, 8)
        assert counts.min() > 0.95 * len(values) / 8
    with pytest.raises(ValueError, match="read-only"):
        data.train_factors["x"][0] = 0


def test_factors_are_independent() -> None:
    factors = SHAPES.load().train_factors
    assert factors is not None
    share_of_turn = factors["angle"] / np.array(shapes.SYMMETRY)[factors["shape"]]
    columns = [factors[name] for name in ("shape", "x", "y", "size")] + [share_of_turn]
    correlations = np.corrcoef(np.array(columns, np.float64)) - np.eye(5)
    assert np.abs(correlations).max() < 4 / math.sqrt(SHAPES.training_images)


def test_the_first_test_images_need_none_of_the_others() -> None:
    images, labels = shapes.first_test_images(40)
    np.testing.assert_array_equal(images, SHAPES.load().test_images[:40])
    np.testing.assert_array_equal(labels, SHAPES.load().test_labels[:40])


def test_test_images_are_others_than_the_training_images() -> None:
    data = SHAPES.load()
    assert data.train_factors is not None and data.test_factors is not None
    assert not set(data.test_factors[:1_000].tolist()) & set(data.train_factors.tolist())


@pytest.mark.parametrize("shape", range(3))
def test_an_image_can_be_drawn_again_from_its_factors(shape: int) -> None:
    data = SHAPES.load()
    assert data.train_factors is not None
    members = np.flatnonzero(data.train_labels == shape)[:20]
    assert (shapes.render(data.train_factors[members]) == data.train_images[members]).all()


@pytest.mark.parametrize("shape", range(3))
def test_position_and_size_can_be_read_off_the_image(shape: int) -> None:
    light = drawn(shape, x=11.5, y=16.25, size=9.5, angle=33) / 255
    middles = np.arange(28) + 0.5
    assert light.sum() == pytest.approx(9.5**2, rel=0.03)
    assert (light.sum(axis=0) @ middles) / light.sum() == pytest.approx(11.5, abs=0.05)
    assert (light.sum(axis=1) @ middles) / light.sum() == pytest.approx(16.25, abs=0.05)


def test_a_square_of_whole_pixels_has_no_grey() -> None:
    expected = np.zeros((28, 28), np.uint8)
    expected[10:18, 10:18] = 255
    assert (drawn(SQUARE) == expected).all()


def test_an_ellipse_lies_along_its_angle_clockwise() -> None:
    rows, columns = np.nonzero(drawn(ELLIPSE, angle=0))
    assert np.ptp(columns) > 1.5 * np.ptp(rows)
    rows, columns = np.nonzero(drawn(ELLIPSE, angle=45))
    assert np.corrcoef(rows, columns)[0, 1] > 0.4, "clockwise: from the upper left to the lower right"


def test_a_triangle_points_up_and_turns_clockwise() -> None:
    light = drawn(TRIANGLE).astype(float)
    widths = (light > 127).sum(axis=1)
    assert (np.diff(widths[widths > 0]) >= 0).all()
    assert (drawn(TRIANGLE, angle=90) == np.rot90(drawn(TRIANGLE), -1)).all()


@pytest.mark.parametrize(("shape", "angle"), list(enumerate(shapes.SYMMETRY)))
def test_an_angle_runs_as_far_as_it_can_be_told(shape: int, angle: float) -> None:
    once = drawn(shape).astype(int)
    assert np.abs(drawn(shape, angle=angle) - once).max() <= 1, "a whole turn of symmetry gives the same image"
    assert np.abs(drawn(shape, angle=angle / 2) - once).max() > 50


def test_no_shape_touches_the_border() -> None:
    images = SHAPES.load().train_images
    assert images[:, [0, -1], :].max() < 26 and images[:, :, [0, -1]].max() < 26
    assert set(np.unique(images[:1_000])) > {0, 255}, "white on black, with greys at the edges"
