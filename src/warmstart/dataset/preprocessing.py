"""The one road from an image file to the numbers a network sees; it travels inside every checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from warmstart.decoding.colours import to_mode
from warmstart.decoding.image_file import UnreadableImage, load_image
from warmstart.errors import UserError

RESIZE_KERNELS = {
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
# How a photo of other proportions becomes a square: stretched, cut to its middle, or set on a grey ground.
LARGEST = 10_000  # pixels, as data.size
# No photo is decoded smaller than this, however small the network's images: its sharpness and colours are measured at this side.
MIN_DECODED_SIDE_PX = 128
FITS = ("squash", "crop", "pad")
PAD_COLOUR: dict[str, Any] = {"RGB": (128, 128, 128), "L": 128}  # the ground of padded photos


@dataclass(frozen=True)
class Preprocessing:
    """How an image becomes an array, and an array becomes a network's input.

    size: height and width in pixels. channels: 3 (RGB) or 1 (grey).
    fit: one of ``FITS``; the lesson squashes. resize: a key of ``RESIZE_KERNELS`` (all antialiased). mean, std: a value per channel, for pixels scaled to [0, 1].
    decoder: the library that decodes; recorded because decoders differ by a grey level here and there.
    """

    size: int
    channels: int = 3
    resize: str = "bilinear"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    decoder: str = "pillow"
    fit: str = "squash"

    def __post_init__(self) -> None:
        if self.resize not in RESIZE_KERNELS:
            raise UserError(f"data.resize is {self.resize!r}; it is one of {', '.join(RESIZE_KERNELS)}")
        if self.fit not in FITS:
            raise UserError(f"data.fit is {self.fit!r}; it is one of {', '.join(FITS)}")
        if self.channels not in (1, 3):
            raise UserError(f"data.channels is {self.channels}; it is 3 (RGB) or 1 (grey)")
        if not 1 <= self.size <= LARGEST:
            raise UserError(f"data.size is {self.size}; it is a number of pixels, from 1 to {LARGEST}")

    @property
    def mode(self) -> str:
        """Pillow's name for the channels."""
        return "RGB" if self.channels == 3 else "L"

    def min_decode_size(self, width: int, height: int) -> tuple[int, int]:
        """The least width and height at which a photo of ``width`` × ``height`` pixels has to be decoded.

        Twice of what it is resized to, which keeps the resize antialiased, and enough to be measured.
        """
        least = max(2 * self.size, MIN_DECODED_SIDE_PX)
        return contained(width, height, least) if self.fit == "pad" else (least, least)

    def decode(self, data: bytes) -> np.ndarray:
        """Decode the bytes of an image file to a uint8 array of shape (size, size, channels), upright as its EXIF says.

        Raises UnreadableImage for anything that cannot be decoded whole.
        """
        return self.resized(load_image(data, self.mode, self.min_decode_size)[0])

    def resized(self, image: Image.Image) -> np.ndarray:
        """Resize a decoded image: uint8 (size, size, channels). Transparency is laid on white."""
        image, kernel = to_mode(image, self.mode), RESIZE_KERNELS[self.resize]
        width, height = image.size
        if width == height or self.fit == "squash":
            square = image.resize((self.size, self.size), kernel, reducing_gap=2.0)
        elif self.fit == "crop":
            side = min(width, height)
            box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
            square = image.resize((self.size, self.size), kernel, box, reducing_gap=2.0)
        else:
            inner = image.resize(contained(width, height, self.size), kernel, reducing_gap=2.0)
            square = Image.new(self.mode, (self.size, self.size), PAD_COLOUR[self.mode])
            square.paste(inner, ((self.size - inner.width) // 2, (self.size - inner.height) // 2))
        return np.asarray(square, dtype=np.uint8).reshape(self.size, self.size, self.channels)

    def read(self, path: str | Path) -> np.ndarray:
        """Read and decode one image file. Raises UserError, naming the file, when that cannot be done."""
        return self.resized(_load(path, self.mode, self.min_decode_size))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as stored in checkpoints."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Preprocessing:
        """The inverse of ``to_dict``."""
        arguments: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        return cls(**arguments)


def read_photo(path: str | Path, longest: int) -> np.ndarray:
    """Read an image file in its own proportions, upright, its longer side at most ``longest`` pixels: uint8 (H, W, 3).

    Raises UserError, naming the file, when that cannot be done.
    """
    image = _load(path, "RGB", lambda width, height: contained(width, height, 2 * longest))
    if max(image.size) > longest:
        image = image.resize(contained(*image.size, longest), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image, dtype=np.uint8)


def contained(width: int, height: int, longest: int) -> tuple[int, int]:
    """Width and height in the same proportions, the longer of them ``longest``, the other 1 or more."""
    scale = longest / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _load(path: str | Path, mode: str, min_decode_size: Callable[[int, int], tuple[int, int]]) -> Image.Image:
    try:
        return load_image(Path(path).read_bytes(), mode, min_decode_size)[0]
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except UnreadableImage as error:
        raise UserError(f"{path} cannot be decoded: {error}") from None
