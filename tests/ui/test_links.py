"""What reads a link's values: options, classes, switches."""

from __future__ import annotations

import pytest

from genmod.datasets import FASHION_MNIST, MNIST
from genmod.errors import ConfigError
from genmod.kinds import VAEConfig
from genmod.ui import links


def test_an_option_is_known_by_its_label_and_by_its_value() -> None:
    read = links.option("points", (1_000, 3_000), lambda count: f"{count:,}")
    assert read("3,000") == read("3000") == "3,000"
    with pytest.raises(ConfigError, match="^points is '7'; it must be one of 1,000, 3,000"):
        read("7")


def test_a_class_is_known_by_its_name_and_its_number() -> None:
    read = links.class_reader("wanted", FASHION_MNIST)
    assert read("ankle boot") == read("Ankle Boot") == read("9") == "ankle boot"
    assert links.class_reader("wanted", MNIST)("3") == "3"
    with pytest.raises(ConfigError, match="^wanted is '12'; it must be a whole number from 0 to 9.$"):
        links.class_reader("wanted", MNIST)("12")


def test_a_switch_is_put_in_streamlit_s_own_words() -> None:
    read = links.reader(VAEConfig.setting("conditional"))
    assert (read("yes"), read("0")) == ("true", "false")
    with pytest.raises(ConfigError, match="conditional is 'perhaps'; it must be yes or no."):
        read("perhaps")
