"""Convolutions as matrix products: the sums of Keras' own layers, whatever the sizes."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from genmod.models import convolutions


@pytest.mark.parametrize(
    ("operation", "side", "stride"),
    [
        ("convolution", 28, 2),
        ("convolution", 14, 2),
        ("convolution", 7, 2),
        ("convolution", 4, 2),
        ("transposed convolution", 7, 1),
        ("transposed convolution", 7, 2),
        ("transposed convolution", 14, 2),
        ("transposed convolution", 7, 4),
    ],
)
def test_a_quick_layer_gives_what_keras_gives(operation: str, side: int, stride: int) -> None:
    random = np.random.default_rng(side + stride)
    pictures = random.standard_normal((3, side, side, 5)).astype(np.float32)
    plain = convolutions.PLAIN[operation](3, 4, stride, padding="same", activation="gelu")
    quick = convolutions.QUICK[operation](3, 4, stride, padding="same", activation="gelu")
    expected = plain(pictures)
    quick.build(pictures.shape)
    quick.set_weights([plain.get_weights()[0], random.standard_normal(3)])
    plain.set_weights(quick.get_weights())
    assert plain(pictures).shape == expected.shape == quick(pictures).shape
    np.testing.assert_allclose(quick(pictures), plain(pictures), atol=3e-6)


def test_a_quick_layer_in_a_network_without_a_fixed_number_of_pictures_is_keras_own() -> None:
    given = keras.Input((14, 14, 2))
    network = keras.Model(given, convolutions.Convolution(3, 4, 2, padding="same")(given))
    pictures = np.random.default_rng(0).standard_normal((2, 14, 14, 2)).astype(np.float32)
    np.testing.assert_allclose(network(pictures), network.predict(pictures, verbose=0), atol=1e-6)
