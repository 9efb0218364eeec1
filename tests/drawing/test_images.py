"""Arrays to pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from genmod.drawing import images


def test_pixels_are_rounded_and_clipped() -> None:
    pixels = np.array([-1.0, 0.0, 0.001, 0.002, 0.5, 0.998, 1.0, 7.0], np.float32).reshape(1, 2, 4)
    assert images.to_uint8(pixels).ravel().tolist() == [0, 0, 0, 1, 128, 254, 255, 255]


def test_a_channel_axis_is_dropped() -> None:
    assert images.to_uint8(np.zeros((3, 28, 28, 1), np.float32)).shape == (3, 28, 28)


def test_every_byte_survives_the_way_there_and_back() -> None:
    values = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    np.testing.assert_array_equal(images.to_uint8(values.astype(np.float32) / np.float32(255)), values)


def test_a_sheet_of_a_hundred_digits_is_289_pixels_square() -> None:
    assert images.contact_sheet(np.zeros((100, 28, 28), np.uint8), 10).shape == (289, 289)


def test_a_sheet_is_laid_row_by_row_with_even_gaps() -> None:
    digits = np.stack([np.full((2, 3), value, np.uint8) for value in (10, 20, 30)])
    sheet = images.contact_sheet(digits, columns=2, gap=1, ground=99)
    assert sheet.tolist() == [
        [10, 10, 10, 99, 20, 20, 20],
        [10, 10, 10, 99, 20, 20, 20],
        [99, 99, 99, 99, 99, 99, 99],
        [30, 30, 30, 99, 0, 0, 0],
        [30, 30, 30, 99, 0, 0, 0],
    ]


def test_enlarging_repeats_pixels() -> None:
    small = np.array([[1, 2]], np.uint8)
    assert images.enlarge(small, 2).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]


@pytest.mark.parametrize("scale", [1, 3])
def test_a_png_holds_the_very_same_pixels(scale: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (28, 30), np.uint8)
    with Image.open(io.BytesIO(images.png(picture, scale))) as opened:
        assert (opened.format, opened.mode) == ("PNG", "L")
        np.testing.assert_array_equal(np.asarray(opened), images.enlarge(picture, scale))


def test_notes_travel_with_the_picture_and_change_no_pixel() -> None:
    sheet = np.arange(256, dtype=np.uint8).reshape(16, 16)
    content = images.png(sheet, notes={"real": [0.25, 1.0]})
    np.testing.assert_array_equal(images.pixels(content), sheet)
    assert images.notes_of(content) == {"real": [0.25, 1.0]}
    assert images.notes_of(images.png(sheet)) == {}


@pytest.mark.parametrize("content", [b"", b"no picture", images.png(np.zeros((4, 4), np.uint8), notes={"a": 1})[:-20]])
def test_what_is_no_whole_picture_has_no_notes(content: bytes) -> None:
    assert images.notes_of(content) in ({}, {"a": 1})


def test_notes_that_are_no_table_are_left_out() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("notes", "[1, 2")
    buffer = io.BytesIO()
    Image.new("L", (2, 2)).save(buffer, format="PNG", pnginfo=info)
    assert images.notes_of(buffer.getvalue()) == {}


def test_a_picture_that_is_far_too_large_is_refused() -> None:
    buffer = io.BytesIO()
    Image.new("L", (2_100, 2_100)).save(buffer, format="PNG")
    with pytest.raises(OSError, match="too large|more than"):
        images.pixels(buffer.getvalue())
    assert images.notes_of(buffer.getvalue()) == {}


def test_the_corner_of_a_sheet_is_its_first_images() -> None:
    sheet = images.contact_sheet(np.arange(6 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(6, 28, 28), 3)
    np.testing.assert_array_equal(images.corner(sheet, (28, 28), 1, 2), sheet[:28, :57])
