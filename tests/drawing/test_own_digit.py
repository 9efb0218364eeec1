"""A visitor's own picture: what comes of it, what is said of it, and what is refused."""

from __future__ import annotations

import io
import itertools
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFile, ImageOps

from genmod.datasets import DATASETS, FASHION_MNIST, MNIST, SHAPES, DataSource, Images
from genmod.drawing import images, own_digit
from genmod.errors import ConfigError

INVERTED = "The picture was dark on light, so it was inverted."
GREY = "It was converted to greyscale."
STRETCHED = "The contrast was stretched so that the paper is black and the ink is white."
PLACED = (
    "It was cropped to the ink, scaled so that its longer side is 20 pixels, and centred by its centre of mass."
)  # fmt: skip
ORIENTATION = 0x0112


def saved(picture: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """A picture as a file."""
    buffer = io.BytesIO()
    picture.save(buffer, format=format, **options)
    return buffer.getvalue()


def digit(number: int = 0) -> Images:
    """A digit of the test images, uint8 (28, 28)."""
    found: Images = MNIST.load().test_images[number]
    return found


def on_paper(number: int = 0, scale: int = 6, paper: int = 255) -> Image.Image:
    """A digit as somebody has drawn it: large, dark on light, anywhere on the paper."""
    large = Image.fromarray(digit(number)).resize((28 * scale, 28 * scale), Image.Resampling.BICUBIC)
    page = Image.new("L", (40 * scale, 35 * scale), paper)
    page.paste(0, (3 * scale, 5 * scale), large)
    return page


def alike(one: Images, other: Images) -> float:
    """The correlation of two images' grey values where they fit best, shifted by a pixel at most: that is rounding."""
    shifted = [np.roll(one, shift, axis=(0, 1)) for shift in itertools.product((-1, 0, 1), repeat=2)]
    return max(float(np.corrcoef(image.ravel(), other.ravel())[0, 1]) for image in shifted)


def scribble(seed: int, width: int = 3) -> Images:
    """Random strokes, light on black."""
    rng = np.random.default_rng(seed)
    height, breadth = rng.integers(30, 300, 2)
    page = Image.new("L", (int(breadth), int(height)))
    points = [(float(x), float(y)) for x, y in rng.uniform(4, (breadth - 4, height - 4), (6, 2))]
    ImageDraw.Draw(page).line(points, fill=int(rng.integers(100, 256)), width=width)
    found: Images = np.asarray(page)
    return found


def box(image: Images) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of what is not black."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def mass(image: Images) -> tuple[float, float]:
    """The row and the column of the centre of mass."""
    places = np.arange(28)
    return float(image.sum(axis=1) @ places / image.sum()), float(image.sum(axis=0) @ places / image.sum())


def test_a_digit_of_mnist_comes_out_as_it_is() -> None:
    for image in MNIST.load().test_images[:200]:
        np.testing.assert_array_equal(own_digit.centred(image, MNIST).image, image)
        for shown in (image, 255 - image):
            found = own_digit.from_file(images.png(shown), MNIST).image
            assert np.abs(found.astype(int) - image).max() <= 2  # the brightest pixel of some is 254


def test_an_item_of_fashion_mnist_comes_out_as_it_is() -> None:
    items = FASHION_MNIST.load().test_images[:200]
    same = [np.array_equal(own_digit.centred(item, FASHION_MNIST).image, item) for item in items]
    assert np.mean(same) > 0.95  # of some the outermost row is all but black, or the longer side has 27 pixels


@pytest.mark.parametrize("source", DATASETS.values(), ids=DATASETS)
def test_what_is_drawn_is_as_large_and_lies_as_the_data_set_has_it(source: DataSource) -> None:
    for seed in range(60):
        image = own_digit.centred(scribble(seed), source).image
        assert image.shape == (28, 28)
        assert image.dtype == np.uint8
        top, left, bottom, right = box(image)
        # An edge so faint that it is rounded to black may be missing.
        assert source.longer_side - 1 <= max(bottom - top, right - left) <= source.longer_side
        if source.centred_by == "mass":
            row, column = mass(image)
            assert abs(row - 14) < 0.6 or 0 in (top, 28 - bottom)
            assert abs(column - 14) < 0.6 or 0 in (left, 28 - right)
        else:
            assert abs((top + bottom) / 2 - 14) <= 1
            assert abs((left + right) / 2 - 14) <= 1


def test_the_data_sets_lie_as_they_say() -> None:
    for source in DATASETS.values():
        boxes = np.array([box(image) for image in source.load().train_images[:5_000]])
        sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
        assert np.median(sides) == source.longer_side
    masses = np.array([mass(image) for image in MNIST.load().train_images[:500]])
    assert np.abs(masses - 14).max() < 0.51


@pytest.mark.parametrize("number", range(8))
def test_a_large_drawing_becomes_the_digit_again(number: int) -> None:
    found = own_digit.from_file(saved(on_paper(number, scale=20)), MNIST)
    assert alike(found.image, digit(number)) > 0.92
    assert found.done == (INVERTED, PLACED)


def test_where_on_the_paper_it_stands_and_which_is_light_makes_no_difference() -> None:
    for seed in range(20):
        drawn = scribble(seed)
        padded = np.pad(drawn, np.random.default_rng(seed).integers(0, 90, (2, 2)))
        expected = own_digit.from_file(images.png(drawn), MNIST).image
        for shown in (padded, 255 - padded, 255 - drawn):
            np.testing.assert_allclose(own_digit.from_file(images.png(shown), MNIST).image, expected, atol=1)


def test_a_fine_line_does_not_vanish() -> None:
    page = Image.new("L", (500, 500), 255)
    ImageDraw.Draw(page).line([(100, 100), (400, 120), (380, 400)], fill=0, width=1)
    assert own_digit.from_file(saved(page), MNIST).image.max() == 255


def test_faint_ink_on_grey_paper_is_stretched() -> None:
    page = np.asarray(on_paper()) // 4 + 100
    found = own_digit.from_file(images.png(page.astype(np.uint8)), MNIST)
    assert found.image.max() == 255
    assert found.image[0].max() == 0
    assert found.done == (INVERTED, STRETCHED, PLACED)


def photographed(number: int | None, seed: int, light: float = 0.35, grain: float = 6.0) -> bytes:
    """A digit on paper as a telephone sees it: in colour, lit from one side, darker towards the corners, grainy."""
    rng = np.random.default_rng(seed)
    height, width, size = 900, 1200, 400
    ink = np.zeros((height, width))
    if number is not None:
        top, left = rng.integers(0, height - size), rng.integers(0, width - size)
        large = Image.fromarray(digit(number)).resize((size, size), Image.Resampling.BICUBIC)
        ink[top : top + size, left : left + size] = np.asarray(large) / 255
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    turn = rng.uniform(0, 2 * np.pi)
    lit = 1 + light * (np.cos(turn) * across + np.sin(turn) * down) / 1.4 - 0.5 * light * (across**2 + down**2)
    grey = (200 * (1 - ink) + 40 * ink) * lit + rng.normal(0, grain, ink.shape)
    colours = np.clip(np.stack([1.05 * grey, grey, 0.9 * grey], axis=-1), 0, 255).astype(np.uint8)
    return saved(Image.fromarray(colours), "JPEG", quality=85)


def test_a_photograph_of_a_digit_on_paper_becomes_the_digit() -> None:
    found = [own_digit.from_file(photographed(number, number), MNIST) for number in range(12)]
    scores = sorted(alike(digit.image, MNIST.load().test_images[number]) for number, digit in enumerate(found))
    assert scores[0] > 0.6
    assert np.median(scores) > 0.93
    assert {digit.done for digit in found} == {
        (GREY, "Uneven light on the paper was evened out.", INVERTED, STRETCHED, PLACED)
    }


@pytest.mark.parametrize("seed", range(6))
def test_a_photograph_of_empty_paper_shows_nothing(seed: int) -> None:
    with pytest.raises(ConfigError, match=r"^Nothing is drawn on the picture"):
        own_digit.from_file(photographed(None, seed), MNIST)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_upright_as_its_camera_noted(format: str, orientation: int) -> None:
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    content = saved(on_paper(2), format, exif=notes)
    with Image.open(io.BytesIO(content)) as opened:
        upright = ImageOps.exif_transpose(opened)
    found = own_digit.from_file(content, MNIST)
    np.testing.assert_array_equal(found.image, own_digit.from_file(saved(upright), MNIST).image)
    assert ("It was turned upright, as its camera had noted." in found.done) == (orientation != 1)


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_is_none_is_left(orientation: int) -> None:
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    assert own_digit.from_file(saved(on_paper(), exif=notes), MNIST).done == (INVERTED, PLACED)


def transparent(ink: int, ground: int) -> Image.Image:
    """A digit of one shade on a transparent ground, whose colour nobody sees."""
    page = Image.new("LA", (200, 175), (ground, 0))
    shape = ImageOps.invert(on_paper(scale=5))
    page.putalpha(shape)
    page.paste(ink, (0, 0), shape)
    found = Image.merge("LA", (Image.composite(Image.new("L", page.size, ink), page.getchannel(0), shape), shape))
    return found


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("ink", [0, 90, 180, 255])
@pytest.mark.parametrize("ground", [0, 255])
def test_a_transparent_ground_is_paper_whatever_its_hidden_colour(mode: str, ink: int, ground: int) -> None:
    found = own_digit.from_file(saved(transparent(ink, ground).convert(mode)), MNIST)
    assert alike(found.image, digit()) > 0.95
    assert "Its transparent ground was taken as paper." in found.done
    assert (INVERTED in found.done) == (ink < 127)


@pytest.mark.parametrize("paper", [0, 255])
@pytest.mark.parametrize("around", [False, True])
def test_a_page_whose_corner_or_margin_is_transparent_goes_on_there(paper: int, around: bool) -> None:
    drawn = on_paper()
    page = (drawn if paper else ImageOps.invert(drawn)).convert("LA")
    seen = Image.new("L", page.size, 0 if around else 255)
    seen.paste(255 - seen.getpixel((0, 0)), (9, 9, page.width - 9, page.height - 9) if around else (0, 0, 30, 30))  # type: ignore[operator]
    page.putalpha(seen)
    assert alike(own_digit.from_file(saved(page), MNIST).image, digit()) > 0.92


def test_a_picture_that_is_transparent_all_over_shows_nothing() -> None:
    with pytest.raises(ConfigError, match="Nothing is drawn"):
        own_digit.from_file(saved(Image.new("RGBA", (50, 50), (9, 200, 3, 0))), MNIST)


def deep(picture: Image.Image, factor: int) -> Image.Image:
    """The same picture with 16 bits a pixel."""
    return Image.fromarray(np.asarray(picture).astype(np.uint16) * np.uint16(factor))


FORMS: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "grey": (lambda: saved(on_paper()), ()),
    "black and white": (lambda: saved(on_paper().convert("1", dither=Image.Dither.NONE)), ()),
    "colour": (lambda: saved(on_paper().convert("RGB")), (GREY,)),
    "palette": (lambda: saved(on_paper().quantize(16)), (GREY,)),
    "palette with a transparent ground": (
        lambda: saved(on_paper().convert("P"), transparency=255),
        (GREY, "Its transparent ground was taken as paper."),
    ),
    "transparent colour": (
        lambda: saved(on_paper().convert("RGB"), transparency=(255, 255, 255)),
        (GREY, "Its transparent ground was taken as paper."),
    ),
    "16 bits": (lambda: saved(deep(on_paper(), 257)), ()),
    "12 bits in 16": (lambda: saved(deep(on_paper(), 16)), ()),
    "interlaced": (lambda: interlaced(), ()),
    "jpeg": (lambda: saved(on_paper(), "JPEG"), ()),
    "progressive jpeg": (lambda: saved(on_paper().convert("RGB"), "JPEG", progressive=True), (GREY,)),
    "CMYK jpeg": (lambda: saved(on_paper().convert("CMYK"), "JPEG"), (GREY,)),
    "animation": (
        lambda: saved(on_paper(), save_all=True, append_images=[on_paper(1), on_paper(2)]),
        ("The first frame of the animation was taken.",),
    ),
    "two pictures of a camera": (
        lambda: saved(on_paper().convert("RGB"), "MPO", save_all=True, append_images=[on_paper(1).convert("RGB")]),
        (GREY,),
    ),
}


def interlaced() -> bytes:
    """One pass of Adam7 holds the whole of a picture of one pixel; the others are empty."""
    small = images.png(np.asarray(on_paper()))
    head = small[: small.index(b"IHDR") + 4]
    pixels = np.asarray(on_paper())
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    rows = b"".join(
        b"\0" + row.tobytes() for top, left, down, across in passes for row in pixels[top::down, left::across]
    )
    header = struct.pack(">IIBBBBB", *reversed(pixels.shape), 8, 0, 0, 0, 1)
    return head[:-8] + b"".join(map(chunk, (b"IHDR", b"IDAT", b"IEND"), (header, zlib.compress(rows), b"")))


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_picture_gives_the_same_digit(form: str) -> None:
    make, said = FORMS[form]
    found = own_digit.from_file(make(), MNIST)
    assert alike(found.image, own_digit.from_file(saved(on_paper()), MNIST).image) > 0.96
    assert [sentence for sentence in found.done if sentence not in (INVERTED, STRETCHED, PLACED)] == list(said)
    assert found.done[-1] == PLACED


@pytest.mark.parametrize("size", [(1, 900), (900, 1), (2, 3), (1, 2), (40_000, 20)])
def test_a_picture_of_any_proportions_is_an_image_or_one_sentence(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).choice(np.array([0, 0, 0, 0, 255], np.uint8), size)
    pixels.flat[-1] = 255
    try:
        assert own_digit.from_file(images.png(pixels), MNIST).image.shape == (28, 28)
    except ConfigError as error:
        assert str(error).startswith("Nothing")


def header(width: int, height: int) -> bytes:
    """A PNG file whose header says how large it is, with next to no pixels in it."""
    parts = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", parts) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def jpeg_header(width: int, height: int) -> bytes:
    """A JPEG file whose header was changed to another size."""
    content = bytearray(saved(Image.new("L", (16, 16)), "JPEG"))
    frame = content.index(b"\xff\xc0") + 5
    content[frame : frame + 4] = struct.pack(">HH", height, width)
    return bytes(content)


TOO_LARGE = "The picture is too large; it may have at most 25 million pixels."


@pytest.mark.parametrize(
    "content",
    [
        header(25_000_001, 1),
        header(5_001, 5_000),
        header(7_100, 7_100),
        header(60_000, 60_000),
        jpeg_header(65_000, 900),
    ],
    ids=["a pixel too many", "a column too many", "Pillow refuses", "bomb", "jpeg"],
)
def test_a_picture_too_large_is_refused_before_it_is_decoded(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda picture: pytest.fail("It was decoded."))
    with pytest.raises(ConfigError) as told:
        own_digit.from_file(content, MNIST)
    assert str(told.value) == TOO_LARGE


def test_a_picture_of_the_largest_size_is_read() -> None:
    page = Image.new("1", (5_000, 5_000), 1)
    page.paste(0, (1_000, 1_000, 3_000, 4_000))
    found = own_digit.from_file(saved(page), MNIST)
    assert box(found.image)[2] - box(found.image)[0] == 20
    assert found.done == (INVERTED, PLACED)


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    content = saved(Image.new("L", (2_000, 2_000), 99), "JPEG", progressive=True)
    scan = content[content.rindex(b"\xff\xda") : -2]
    with pytest.raises(OSError, match="more than 100 scans"):
        images.photograph(content[:-2] + 2_000 * scan + content[-2:], 512)
    with pytest.raises(ConfigError, match=r"^The picture cannot be read"):
        own_digit.from_file(content[:-2] + 2_000 * scan + content[-2:], MNIST)


UNREADABLE = "The picture cannot be read: it is damaged or cut off; save it again."
OTHER = "The file is not a PNG or JPEG picture, whatever its name says; save it as one of these."
NOTHING = "Nothing is drawn on the picture that stands out from its ground."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty; choose a PNG or JPEG picture."),
        (b"These are words in a file called digit.png.", OTHER),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", OTHER),
        (saved(on_paper(), "GIF"), OTHER),
        (saved(on_paper(), "BMP"), OTHER),
        (saved(on_paper())[:-700], UNREADABLE),
        (saved(on_paper())[:40], UNREADABLE),
        (saved(on_paper())[:8], UNREADABLE),
        (saved(on_paper(), "JPEG")[:900], UNREADABLE),
        (saved(on_paper(), "JPEG")[:3], UNREADABLE),
        (saved(on_paper()) + bytes(5_000_000), "The file has 5.0 MB; a picture may have at most 5 MB."),
        (bytes(7_300_000), "The file has 7.3 MB; a picture may have at most 5 MB."),
        (saved(Image.new("L", (300, 200), 255)), NOTHING),
        (saved(Image.new("L", (300, 200), 0)), NOTHING),
        (saved(Image.new("RGB", (30, 20), (200, 30, 90)), "JPEG"), NOTHING),
        (saved(Image.new("L", (1, 1), 7)), NOTHING),
    ],
)
def test_what_is_no_picture_of_anything_gives_one_sentence(content: bytes, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        own_digit.from_file(content, MNIST)
    assert str(told.value) == said


@pytest.mark.parametrize("source", [MNIST, FASHION_MNIST, SHAPES], ids=lambda source: source.name)
def test_an_empty_drawing_gives_one_sentence(source: DataSource) -> None:
    with pytest.raises(ConfigError, match=r"^Nothing is drawn"):
        own_digit.centred(np.zeros((28, 28), np.uint8), source)


def test_what_was_done_names_the_data_sets_own_measures() -> None:
    assert own_digit.centred(digit(), FASHION_MNIST).done == (
        "It was cropped to the ink, scaled so that its longer side is 28 pixels, and centred by its bounding box.",
    )


def test_whatever_a_file_holds_it_is_an_image_or_one_sentence() -> None:
    rnd = random.Random(0)
    whole = [make() for make, _ in FORMS.values()]
    outcomes = set()
    for _ in range(1_500):
        content = bytearray(rnd.choice(whole))
        if rnd.random() < 0.2:
            del content[rnd.randrange(len(content)) :]
        for _ in range(rnd.choice((0, 1, 3, 20))):
            if content:
                content[rnd.randrange(min(len(content), rnd.choice((200, 10_000))))] = rnd.choice(
                    (0, 255, rnd.randrange(256))
                )
        try:
            image = own_digit.from_file(bytes(content), MNIST).image
            assert (image.shape, str(image.dtype), int(image.max())) == ((28, 28), "uint8", 255)
            outcomes.add("image")
        except ConfigError as error:
            outcomes.add(str(error))
    assert (
        {"image", UNREADABLE, OTHER}
        <= outcomes
        <= {"image", UNREADABLE, OTHER, NOTHING, TOO_LARGE} | {"The file is empty; choose a PNG or JPEG picture."}
    )
