"""A visitor's own picture, or drawing, made into an image as the data set's are. NumPy and Pillow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from genmod.datasets import DataSource, Doubles, Floats, Images
from genmod.drawing import images
from genmod.drawing.images import MOST_PHOTO_PIXELS, Photograph, TooManyPixelsError
from genmod.errors import ConfigError

LARGEST = 5_000_000  # bytes of a file
WORKING = 512  # pixels of the longer side at most while ink and paper are told apart
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # how a PNG and a JPEG file begin
LEAST_CONTRAST = 20.0  # grey values between paper and ink
UNEVEN = 2.0  # grey values by which half of the border differs from its median before the light counts as uneven
MOST_GAIN = 4.0  # by which ink in the shade is made stronger
NOISE = 5.0  # standard deviations of the paper's grain that are still paper
SEVERAL_SHADES = 64.0  # grey values between the darkest and the lightest of what is not transparent
EXACT = 64  # pixels of the longer side at most of a picture that is taken as it is, such as an image of a data set
FIRM = 0.3  # of the ink's shade: what is fainter, a stroke's edge or a fault of a JPEG file, is not where ink ends
CENTRES = {"mass": "its centre of mass", "box": "its bounding box"}
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class OwnDigit:
    """An image made of what a visitor brought.

    Attributes:
        image: uint8 (28, 28), light on black.
        done: what was done to it, a short sentence each.
    """

    image: Images
    done: tuple[str, ...]


def from_file(content: bytes, source: DataSource) -> OwnDigit:
    """Make a picture file into an image as the data set's are.

    Args:
        content: of a PNG or JPEG file of at most 5 MB and 25 million pixels.
        source: the data set, which says how large its images are drawn and what of them is in the middle.

    Raises:
        ConfigError: if it is no such file, is damaged, or shows nothing.
    """
    photograph = _opened(content)
    said = []
    if photograph.moving:
        said.append("The first frame of the animation was taken.")
    if photograph.upright:
        said.append("It was turned upright, as its camera had noted.")
    if photograph.colour:
        said.append("It was converted to greyscale.")
    if photograph.opacity is not None:
        said.append("Its transparent ground was taken as paper.")
    exact = not photograph.lossy and max(photograph.grey.shape) <= EXACT
    light, found = _light(_opaque(photograph), exact)
    image, placed = _placed(light, source)
    return OwnDigit(image, (*said, *found, placed))


def centred(image: Images, source: DataSource) -> OwnDigit:
    """Make a drawing, uint8 (h, w) and light on black, into an image as the data set's are.

    Raises:
        ConfigError: if nothing is drawn on it.
    """
    found, placed = _placed(image.astype(np.float32) / np.float32(255), source)
    return OwnDigit(found, (placed,))


def _opened(content: bytes) -> Photograph:
    if not content:
        raise ConfigError("The file is empty; choose a PNG or JPEG picture.")
    if len(content) > LARGEST:
        raise ConfigError(
            f"The file has {len(content) / 1e6:.1f} MB; a picture may have at most {LARGEST / 1e6:.0f} MB."
        )
    if not content.startswith(SIGNATURES):
        raise ConfigError("The file is not a PNG or JPEG picture, whatever its name says; save it as one of these.")
    try:
        return images.photograph(content, WORKING)
    except TooManyPixelsError:
        raise ConfigError(
            f"The picture is too large; it may have at most {MOST_PHOTO_PIXELS / 1e6:.0f} million pixels."
        ) from None
    except OSError:
        raise ConfigError("The picture cannot be read: it is damaged or cut off; save it again.") from None


def _opaque(photograph: Photograph) -> Doubles:
    """Grey values (h, w) in which the transparent ground has the shade of the paper."""
    grey = photograph.grey.astype(np.float64)
    if photograph.opacity is None:
        return grey
    opacity = photograph.opacity / 255.0
    if not opacity.any():
        raise _nothing()
    blended: Doubles = opacity * grey + (1.0 - opacity) * _ground(grey, opacity)
    return blended


def _ground(grey: Doubles, opacity: Doubles) -> float:
    """The shade of the paper that the transparent part of a picture stands for."""
    opaque = opacity > 0.5
    around = np.pad(opaque, 1, constant_values=True)
    edge = opaque & ~(around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:])
    if edge.any():
        darkest, lightest = np.percentile(grey[opaque], (5, 95))
        if lightest - darkest > SEVERAL_SHADES:  # ink and paper both: where the picture ends is paper
            return float(np.median(grey[edge]))
    return 0.0 if np.average(grey, weights=opacity) > 127 else 255.0  # ink alone, which must be seen


def _light(grey: Doubles, exact: bool) -> tuple[Floats, list[str]]:
    """How much ink there is at each pixel, (h, w) in [0, 1], and what had to be done for it.

    Args:
        exact: whether the faintest grey counts as ink; otherwise the picture is cropped to where ink is firm.
    """
    said = []
    border = _border(grey)
    lighting = _lighting(grey, border)
    if np.ptp(lighting):
        said.append("Uneven light on the paper was evened out.")
    apart = grey - lighting
    if (apart**3).sum() < 0:  # cubed, so that the ink counts, not the paper's grain
        said.append("The picture was dark on light, so it was inverted.")
        apart = -apart
    # The standard deviation of the paper's grain, were it normally distributed.
    grain = 1.4826 * float(np.median(np.abs(apart[border])))
    # Light multiplies: where it is half as bright, ink and paper lie half as far apart.
    paper = max(float(np.median(lighting)), 1.0)
    ink = np.maximum(apart - NOISE * grain, 0.0) * (paper / np.maximum(lighting, paper / MOST_GAIN))
    # A mean in which each pixel counts by its square is near the shade of the ink however little of it there is.
    shade = (ink**3).sum() / max((ink**2).sum(), 1e-9)
    white = float(np.percentile(ink[ink >= shade / 2], 98 if grain else 100))
    if white < LEAST_CONTRAST:
        raise _nothing()
    if grain or white < 254:
        said.append("The contrast was stretched so that the paper is black and the ink is white.")
    light = np.minimum(ink / white, 1.0).astype(np.float32)
    return (light if exact and not grain else light[_box(light >= FIRM)]), said


def _border(grey: Doubles) -> Mask:
    """The outermost pixels, a fortieth of the shorter side wide."""
    width = max(1, min(grey.shape) // 40)
    found = np.ones(grey.shape, np.bool_)
    found[width:-width, width:-width] = False
    return found


def _lighting(grey: Doubles, border: Mask) -> Doubles:
    """The shade of the paper at each pixel (h, w), as its border tells: a quadratic surface if it is lit unevenly."""
    seen = grey[border]
    median = np.median(seen)
    spread = float(np.median(np.abs(seen - median)))
    constant = np.full(grey.shape, median)
    if spread < UNEVEN:
        return constant
    down, across = (np.linspace(-1.0, 1.0, length) for length in grey.shape)
    y, x = (axis.ravel() for axis in np.meshgrid(down, across, indexing="ij"))
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    at_border = terms[border.ravel()]
    kept = np.ones(len(seen), np.bool_)
    for _ in range(5):  # each time without what is no paper: ink, or a hand at the edge of the picture
        factors = np.linalg.lstsq(at_border[kept], seen[kept], rcond=None)[0]
        off = np.abs(seen - at_border @ factors)
        left = float(np.median(off))
        kept = off <= 4 * left
    if 2 * left > spread:
        return constant  # it is grain, not light
    surface: Doubles = (terms @ factors).reshape(grey.shape)
    return surface


def _placed(light: Floats, source: DataSource) -> tuple[Images, str]:
    """Light values (h, w) in [0, 1], cropped, scaled and put where the data set has them, and the sentence on it."""
    if not light.any():
        raise _nothing()
    ink = _scaled(light[_box(light > 0)], source.longer_side)
    height, width = source.image_shape[:2]
    image = np.zeros((height, width), np.uint8)
    row, column = (
        _start(ink.sum(axis=axis, dtype=np.float64), field, source) for axis, field in ((1, height), (0, width))
    )
    image[row : row + len(ink), column : column + ink.shape[1]] = np.rint(255 * ink)
    return image, (
        f"It was cropped to the ink, scaled so that its longer side is {source.longer_side} pixels, and centred by "
        f"{CENTRES[source.centred_by]}."
    )


def _box(ink: Mask) -> tuple[slice, slice]:
    """The rows and columns from the first to the last with ink."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _scaled(light: Floats, longer_side: int) -> Floats:
    """The same so large that its longer side has that many pixels, antialiased and as bright at its brightest."""
    share = longer_side / max(light.shape)
    height, width = (max(1, round(share * length)) for length in light.shape)
    resized = Image.fromarray(light).resize((width, height), Image.Resampling.BICUBIC)
    found = np.clip(np.asarray(resized), 0, 1)
    bright: Floats = found * (light.max() / max(found.max(), 1e-9))  # a fine line would nearly vanish
    return bright


def _start(sums: Doubles, field: int, source: DataSource) -> int:
    """Where in a field of that many pixels the ink begins along one axis, given its sums across the other."""
    spare = field - len(sums)
    if source.centred_by == "box":
        return (spare + 1) // 2
    # In MNIST the centre of mass lies within half a pixel of the middle of the fifteenth row and column.
    mass = float(sums @ np.arange(len(sums))) / float(sums.sum())
    return min(max(0, round(field // 2 - mass)), spare)


def _nothing() -> ConfigError:
    return ConfigError("Nothing is drawn on the picture that stands out from its ground.")
