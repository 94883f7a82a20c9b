"""From an image file to the input of a network. Every checkpoint stores its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from warmstart.decoding.colours import converted
from warmstart.decoding.image_file import UnreadableImage, load_image
from warmstart.errors import UserError
from warmstart.records.preprocessing import PreprocessingSettings

RESIZE_KERNELS = {
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
MAX_SIDE_PX = 10_000  # of data.size
MIN_DECODED_SIDE_PX = 128  # sharpness and colours of photos are measured at this side
FITS = ("squash", "crop", "pad")  # how a photo becomes a square: stretched, cropped to its centre, or padded with grey
PAD_COLOUR: dict[str, Any] = {"RGB": (128, 128, 128), "L": 128}


@dataclass(frozen=True)
class Preprocessing:
    """How an image becomes an array, and an array becomes a network's input.

    size: height and width in pixels. channels: 3 (RGB) or 1 (grey). fit: one of ``FITS``; the lesson squashes. resize:
    a key of ``RESIZE_KERNELS`` (all antialiased). mean, std: a value per channel, for pixels scaled to [0, 1]. decoder:
    the library that decodes, recorded because decoders differ by single grey levels. Raises UserError for other values.
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
        if not 1 <= self.size <= MAX_SIDE_PX:
            raise UserError(f"data.size is {self.size}; it is a number of pixels, from 1 to {MAX_SIDE_PX}")

    @property
    def mode(self) -> str:
        """Pillow's name for the channels."""
        return "RGB" if self.channels == 3 else "L"

    def min_decode_size(self, width: int, height: int) -> tuple[int, int]:
        """The smallest width and height at which a photo of ``width`` × ``height`` pixels may be decoded.

        Twice the size after resizing, which keeps the resize antialiased, and at least ``MIN_DECODED_SIDE_PX``.
        """
        side = max(2 * self.size, MIN_DECODED_SIDE_PX)
        return contained(width, height, side) if self.fit == "pad" else (side, side)

    def decode(self, data: bytes) -> np.ndarray:
        """Decode the bytes of an image file to uint8 (size, size, channels), with the orientation of its EXIF applied.

        Raises UnreadableImage for a file that cannot be decoded completely.
        """
        return self.resized(load_image(data, self.mode, self.min_decode_size)[0])

    def resized(self, image: Image.Image) -> np.ndarray:
        """Resize a decoded image to uint8 (size, size, channels). Transparent pixels are blended with white."""
        image, kernel = converted(image, self.mode), RESIZE_KERNELS[self.resize]
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
        """Read and decode one image file. Raises UserError, which names the file."""
        return self.resized(_load(path, self.mode, self.min_decode_size))

    @property
    def settings(self) -> PreprocessingSettings:
        """The same as a part of records."""
        return PreprocessingSettings(**asdict(self))

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
    """Read an image file without changing its proportions: uint8 (H, W, 3), the longer side at most ``longest`` pixels.

    Raises UserError, which names the file.
    """
    image = _load(path, "RGB", lambda width, height: contained(width, height, 2 * longest))
    if max(image.size) > longest:
        image = image.resize(contained(*image.size, longest), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image, dtype=np.uint8)


def contained(width: int, height: int, longest: int) -> tuple[int, int]:
    """Width and height with the longer of them scaled to ``longest``; both are at least 1."""
    scale = longest / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _load(path: str | Path, mode: str, min_decode_size: Callable[[int, int], tuple[int, int]]) -> Image.Image:
    try:
        return load_image(Path(path).read_bytes(), mode, min_decode_size)[0]
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except UnreadableImage as error:
        raise UserError(f"{path} cannot be decoded: {error}") from None
