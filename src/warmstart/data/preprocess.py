"""The one road from an image file to the numbers a network sees; it travels inside every checkpoint."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from warmstart.errors import UserError

RESIZE_KERNELS = {
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
# A truncated photo must be reported, not completed with grey.
ImageFile.LOAD_TRUNCATED_IMAGES = False


class UnreadableImage(Exception):
    """The bytes are not an image that can be decoded; the message says why."""


@dataclass(frozen=True)
class Preprocessing:
    """How an image becomes an array, and an array becomes a network's input.

    size: height and width in pixels; the aspect ratio is not kept, as in the lesson. channels: 3 (RGB) or 1 (grey).
    resize: a key of ``RESIZE_KERNELS`` (all antialiased). mean, std: a value per channel, for pixels scaled to [0, 1].
    decoder: the library that decodes; recorded because decoders differ by a grey level here and there.
    """

    size: int
    channels: int = 3
    resize: str = "bilinear"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    decoder: str = "pillow"

    def __post_init__(self) -> None:
        if self.resize not in RESIZE_KERNELS:
            raise UserError(f"data.resize is {self.resize!r}; it is one of {', '.join(RESIZE_KERNELS)}")
        if self.channels not in (1, 3):
            raise UserError(f"data.channels is {self.channels}; it is 3 (RGB) or 1 (grey)")
        if self.size < 1:
            raise UserError(f"data.size is {self.size}; it is a number of pixels, 1 or more")

    def decode(self, data: bytes) -> np.ndarray:
        """Decode the bytes of an image file to a uint8 array of shape (size, size, channels), upright as its EXIF says.

        Raises UnreadableImage for anything that cannot be decoded whole.
        """
        return decode_with(data, self.resized, "RGB" if self.channels == 3 else "L", self.size)

    def resized(self, image: Image.Image) -> np.ndarray:
        """Resize a decoded image: uint8 (size, size, channels). Transparency is laid on white."""
        image = converted(image, "RGB" if self.channels == 3 else "L")
        if image.size != (self.size, self.size):
            image = image.resize((self.size, self.size), RESIZE_KERNELS[self.resize], reducing_gap=2.0)
        return np.asarray(image, dtype=np.uint8).reshape(self.size, self.size, self.channels)

    def read(self, path: str | Path) -> np.ndarray:
        """Read and decode one image file. Raises UserError, naming the file, when that cannot be done."""
        return read_with(path, self.decode)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as stored in checkpoints."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Preprocessing:
        """The inverse of ``to_dict``."""
        arguments: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
        return cls(**arguments)


def read_photo(path: str | Path, longest: int) -> np.ndarray:
    """Read an image file in its own proportions, upright, its longer side at most ``longest`` pixels: uint8 (H, W, 3).

    Raises UserError, naming the file, when that cannot be done.
    """

    def bounded(image: Image.Image) -> np.ndarray:
        image = converted(image, "RGB")
        image.thumbnail((longest, longest), Image.Resampling.BILINEAR, reducing_gap=2.0)
        return np.asarray(image, dtype=np.uint8)

    return read_with(path, lambda data: decode_with(data, bounded, "RGB", longest))


def read_with(path: str | Path, decode: Callable[[bytes], np.ndarray]) -> np.ndarray:
    """Read a file and decode it. Raises UserError, naming the file, when that cannot be done."""
    try:
        return decode(Path(path).read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except UnreadableImage as error:
        raise UserError(f"{path} cannot be decoded: {error}") from None


def decode_with(data: bytes, finish: Callable[[Image.Image], np.ndarray], mode: str, size: int) -> np.ndarray:
    """Decode an image, upright as its EXIF says, and ``finish`` it. mode, size: what is wanted of it, for decoders that can save work.

    Raises UnreadableImage for anything that cannot be decoded whole.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            # A JPEG decodes at 1/2, 1/4 or 1/8 of its size for free; twice the target keeps the resize antialiased.
            image.draft(mode, (2 * size, 2 * size))
            return finish(ImageOps.exif_transpose(image))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = "empty file" if not data else str(error).replace(repr(io.BytesIO), "the data") or type(error).__name__
        raise UnreadableImage("not an image" if "cannot identify" in reason else reason) from None


def converted(image: Image.Image, mode: str) -> Image.Image:
    """An image as ``RGB`` or ``L``. Transparency is laid on white; 16 bits become 8."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = Image.fromarray((np.clip(np.asarray(image, dtype=np.float64) / 65535.0, 0, 1) * 255).astype(np.uint8))
    return image.convert(mode)
