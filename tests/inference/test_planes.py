"""Planes through latent space: places, points, and what each latent number says."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.inference import planes
from genmod.inference.planes import Plane

RNG = np.random.default_rng(0)
CODES = (RNG.standard_normal((500, 6)) * np.array([0.1, 3.0, 0.5, 1.0, 2.0, 0.2])).astype(np.float32)
PLANES = {
    "coordinates": planes.coordinates(6, (4, 1)),
    "principal": planes.principal(CODES + 5),
    "random": planes.random(6, 7),
    "generator": planes.of_generator(lambda z: np.tanh(z @ np.eye(6, 9, dtype=np.float32)), 6),
}


@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES.keys())
def test_directions_have_length_one_and_a_right_angle(plane: Plane) -> None:
    across, up = plane.across, plane.up
    assert np.linalg.norm(across) == pytest.approx(1, abs=1e-5) and np.linalg.norm(up) == pytest.approx(1, abs=1e-5)
    assert float(across @ up) == pytest.approx(0, abs=1e-5)
    moved = plane.middle + 1.5 * across - 0.5 * up
    np.testing.assert_allclose(plane.places(moved[np.newaxis])[0], [1.5, -0.5], atol=1e-4)


def test_a_generator_that_draws_one_image_still_has_a_plane() -> None:
    for decode in (lambda z: np.ones((len(z), 9), np.float32), lambda z: np.repeat(z[:, :1], 9, axis=1)):
        plane = planes.of_generator(decode, 6)
        assert np.isfinite(plane.across).all() and np.isfinite(plane.up).all()
        assert float(plane.across @ plane.up) == pytest.approx(0, abs=1e-5)


def test_principal_directions_are_those_of_the_largest_variance() -> None:
    plane = PLANES["principal"]
    assert abs(plane.across[1]) > 0.9 and abs(plane.up[4]) > 0.9
    np.testing.assert_allclose(plane.middle, (CODES + 5).mean(axis=0), atol=1e-4)


def test_a_generator_s_directions_are_those_that_change_its_images() -> None:
    weights = np.zeros((6, 40), np.float32)
    weights[2, :20], weights[5, 20:] = 3.0, 1.0  # nothing else is seen
    plane = planes.of_generator(lambda z: z @ weights, 6)
    assert abs(plane.across[2]) > 0.95 and abs(plane.up[5]) > 0.95


def test_the_same_seed_draws_the_same_directions() -> None:
    assert np.array_equal(planes.random(8, 3).across, planes.random(8, 3).across)
    assert not np.array_equal(planes.random(8, 3).across, planes.random(8, 4).across)


def test_information_is_the_kl_divergence_of_each_number() -> None:
    mean, log_var = np.array([[0, 1], [0, -1]], np.float32), np.zeros((2, 2), np.float32)
    np.testing.assert_allclose(planes.information(mean, log_var), [0, 0.5], atol=1e-7)
    points = np.full_like(mean, -np.inf)
    np.testing.assert_allclose(planes.information(mean, points), [0, 1])  # of codes that are points, their variance


@pytest.mark.parametrize(("reach", "expected"), [(0.5, 4), (3.9, 4), (5, 6), (30, 32), (1e5, 256)])
def test_the_limit_holds_nearly_all_codes(reach: float, expected: float) -> None:
    places = np.full((100, 2), reach, np.float32)
    places[0] = 1e6  # one far away does not make the map small
    assert planes.limit(places) == expected
