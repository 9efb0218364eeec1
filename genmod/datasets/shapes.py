"""Shapes: squares, ellipses and triangles drawn by code, so that what each image was drawn from is known.

Shape, position, size and angle are drawn independently of each other, each value as likely as any other. An angle
runs only as far as it can be told from the picture: a square looks the same after 90 degrees, an equilateral
triangle after 120, an ellipse after 180.

The images are the same to the last bit on every machine: the random numbers are a bit generator's own stream, the
sines and cosines are rounded to 16 bits, and everything after that is addition, multiplication, division and square
root of float32, which are exactly rounded everywhere.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from genmod.datasets.arrays import Factors, Floats, Images, Indices, Labels
from genmod.datasets.dataset import Dataset, read_only
from genmod.datasets.source import DataSource, Factor

NAME = "shapes"
VERSION = 1  # raised when the same seed gives other images
SEED = 0
SHA256 = "4cd5828a9fdb38d4cb92a6d542c72d809d8e96ff90d967960cd4d0b0b82d701e"  # of what `draw` gives
TRAINING_IMAGES, TEST_IMAGES = 60_000, 10_000
SIDE = 28

SHAPES_DRAWN = ("square", "ellipse", "triangle")
SYMMETRY = (90, 180, 120)  # degrees after which each of them looks the same
FACTORS = (
    Factor("shape", "Shape", "", 0, 2, "0 is a square, 1 an ellipse, 2 a triangle: the label."),
    Factor("x", "Position across", "pixels", 10, 18, "How far the middle lies from the left edge; 14 is the centre."),
    Factor("y", "Position down", "pixels", 10, 18, "How far the middle lies from the upper edge; 14 is the centre."),
    Factor("size", "Size", "pixels", 6, 10, "The side of a square as large as the shape in area."),
    Factor(
        "angle", "Angle", "degrees", 0, 180,
        "How far the shape is turned, clockwise: below 90 for a square, 120 for a triangle, 180 for an ellipse, which "
        "look the same after that.",
    ),
)  # fmt: skip
RECORD = np.dtype(
    [("shape", np.uint8), ("x", np.float32), ("y", np.float32), ("size", np.float32), ("angle", np.float32)]
)

STEPS = 256  # to which a position and a size are drawn, of a pixel
ANGLES = 4  # to which an angle is drawn, of a degree
CHUNK = 1_000  # images drawn at once: what they take stays in the processor's cache

# For a square of side 1 in area: half its side, the ellipse's half axes (2 to 1), the triangle's inner radius.
HALF_SIDE = 0.5
HALF_AXES = (math.sqrt(2 / math.pi), math.sqrt(0.5 / math.pi))
INNER_RADIUS = 1 / math.sqrt(3 * math.sqrt(3))


def draw() -> Dataset:
    """All training and test images with the factors they were drawn from."""
    stream = np.random.PCG64(SEED)
    train, test = (random_factors(count, stream) for count in (TRAINING_IMAGES, TEST_IMAGES))
    images = [render(factors) for factors in (train, test)]
    digest = hashlib.sha256(f"{NAME} {VERSION}".encode())
    for array in (train, test, *images):
        digest.update(array.tobytes() if array.dtype == RECORD else array.data)
    return read_only(
        Dataset(
            NAME, digest.hexdigest(), images[0], train["shape"].copy(), images[1], test["shape"].copy(), train, test
        )
    )


def first_test_images(count: int) -> tuple[Images, Labels]:
    """The first test images, uint8 (count, 28, 28), and their classes, without drawing the others."""
    stream = np.random.PCG64(SEED)
    stream.advance(len(FACTORS) * TRAINING_IMAGES)  # which the factors of the training images take
    factors = random_factors(TEST_IMAGES, stream)[:count]
    return render(factors), factors["shape"].copy()


def random_factors(count: int, stream: np.random.BitGenerator) -> Factors:
    """Independent factors of `count` images, each evenly spread over its range."""
    found = np.empty(count, RECORD)
    found["shape"] = _below(len(SHAPES_DRAWN), count, stream)
    for factor in FACTORS[1:4]:
        steps = _below(round((factor.high - factor.low) * STEPS) + 1, count, stream)
        found[factor.name] = factor.low + steps / STEPS
    turns = np.array(SYMMETRY)[found["shape"]] * ANGLES
    found["angle"] = _below(turns, count, stream) / ANGLES
    return found


def _below(end: int | Indices, count: int, stream: np.random.BitGenerator) -> Indices:
    """Whole random numbers from 0 to below `end`."""
    # Not through numpy's Generator: only a bit generator promises the same stream in every version.
    bits = (stream.random_raw(count) >> np.uint64(32)).astype(np.int64)
    return bits * end >> 32


def render(factors: Factors) -> Images:
    """Draw one image for each record, white on black and smooth at the edges; uint8, shape (n, 28, 28)."""
    images = np.empty((len(factors), SIDE, SIDE), np.uint8)
    for number, outside in enumerate((_outside_square, _outside_ellipse, _outside_triangle)):
        for members in _chunks(np.flatnonzero(factors["shape"] == number)):
            chosen = factors[members]
            across, down = _turned(chosen)
            # A pixel half a pixel outside the edge is black, one half a pixel inside it is white.
            light = np.float32(0.5) - outside(across, down, chosen["size"][:, np.newaxis, np.newaxis])
            images[members] = np.rint(np.clip(light, 0, 1) * np.float32(255))
    return images


def _chunks(members: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    for start in range(0, len(members), CHUNK):
        yield members[start : start + CHUNK]


def _turned(factors: Factors) -> tuple[Floats, Floats]:
    """Each pixel's coordinates in the shape's own frame, its middle at 0 and its angle undone; (n, 28, 28)."""
    middles = np.arange(SIDE, dtype=np.float32) + np.float32(0.5)
    right = (middles - factors["x"][:, np.newaxis])[:, np.newaxis, :]
    below = (middles - factors["y"][:, np.newaxis])[:, :, np.newaxis]
    cosine, sine = (column[:, np.newaxis, np.newaxis] for column in _directions(factors["angle"]))
    return cosine * right + sine * below, cosine * below - sine * right


def _directions(degrees: Floats) -> tuple[Floats, Floats]:
    """Cosine and sine, rounded so coarsely that every machine's last bit rounds the same way."""
    radians = degrees.astype(np.float64) * (math.pi / 180)
    cosine, sine = (np.rint(values * 65_536) / 65_536 for values in (np.cos(radians), np.sin(radians)))
    return cosine.astype(np.float32), sine.astype(np.float32)


def _outside_square(across: Floats, down: Floats, size: Floats) -> Floats:
    """How many pixels a point lies outside the shape's edge; below 0 inside it."""
    outside: Floats = np.maximum(np.abs(across), np.abs(down)) - size * np.float32(HALF_SIDE)
    return outside


def _outside_ellipse(across: Floats, down: Floats, size: Floats) -> Floats:
    """As for the square, to first order: the implicit function over the length of its gradient."""
    long, short = (size * np.float32(axis) for axis in HALF_AXES)
    first, second = across / long, down / short
    radius = np.sqrt(first * first + second * second)
    first, second = first / long, second / short
    gradient = np.sqrt(first * first + second * second)
    outside: Floats = radius * (radius - np.float32(1)) / np.maximum(gradient, np.float32(1e-3))
    return outside


def _outside_triangle(across: Floats, down: Floats, size: Floats) -> Floats:
    """As for the square; one corner points up where the angle is 0."""
    slanted = np.abs(across) * np.float32(math.sqrt(0.75)) - down * np.float32(0.5)
    outside: Floats = np.maximum(slanted, down) - size * np.float32(INNER_RADIUS)
    return outside


SHAPES = DataSource(
    name=NAME,
    title="Shapes",
    noun="shape",
    plural="shapes",
    class_names=SHAPES_DRAWN,
    class_phrases=("a square", "an ellipse", "a triangle"),
    marks=("■", "●", "▲"),
    image_shape=(SIDE, SIDE, 1),
    training_images=TRAINING_IMAGES,
    test_images=TEST_IMAGES,
    sha256=SHA256,
    licence="MIT, as the program that draws them",
    source="Drawn by this project's own program",
    description="Squares, ellipses and triangles drawn by a program. Shape, position, size and angle of each are "
    "known, so it can be checked what a latent number has learned.",
    classifier="classifier-shapes",
    longer_side=12,  # the median; they are 7 to 18 pixels long and lie anywhere
    centred_by="box",
    read=draw,
    factors=FACTORS,
)
