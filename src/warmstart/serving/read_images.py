"""Images as a model takes them: from files, from the bytes of files, and from pixels."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.decoding.image_file import UnreadableImage
from warmstart.decoding.reasons import reason_for
from warmstart.errors import UserError
from warmstart.ingest.sources.walk import why_not_read
from warmstart.serving import messages
from warmstart.text.printable import in_one_line


def read_file(path: str | Path, preprocessing: Preprocessing) -> np.ndarray:
    """An image file, uint8 (size, size, channels). Raises UnreadableImage, as ``read_bytes`` and ``decode``."""
    return decode(read_bytes(path), preprocessing)


def read_bytes(path: str | Path) -> bytes:
    """The content of a file. Raises UnreadableImage, also for what is no file, such as a pipe, which is not opened."""
    if reason := why_not_read(path):
        raise UnreadableImage(reason)
    try:
        return Path(path).read_bytes()
    except (OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or messages.TOO_LARGE_FOR_MEMORY
        raise UnreadableImage(messages.UNREADABLE.format(reason=reason)) from None


def decode(data: bytes, preprocessing: Preprocessing) -> np.ndarray:
    """The bytes of an image file, uint8 (size, size, channels). Raises UnreadableImage, whatever a decoder raises."""
    try:
        return preprocessing.decode(data)
    except UnreadableImage:
        raise
    except Exception as error:  # such as memory that ends in the resize
        raise UnreadableImage(reason_for(data, error)) from None


# What is given is Any here: a request may hold anything, and everything else is refused.
def read_images(given: Any, preprocessing: Preprocessing) -> np.ndarray:
    """The images of a request, uint8 (N, size, size, channels).

    given: one image or several, as a list, an array of pixels, or a table of one column. An image is the bytes of an
    image file, the same as base64 text, a ``pathlib.Path``, or pixels, whole numbers from 0 to 255 (height, width,
    channels), of any size. Text is never a path, so that no request makes this process open a file. Raises UserError,
    naming the first image that is none of these, and repeating nothing of what was given.
    """
    items = _items(given)
    if not items:
        raise UserError(messages.NO_IMAGE)
    images = []
    for number, item in enumerate(items):
        try:
            images.append(_read(item, preprocessing))
        except UnreadableImage as error:
            raise UserError(f"inputs[{number}]: {in_one_line(str(error))}") from None
    return np.stack(images)


def _items(given: Any) -> list[Any]:
    if isinstance(given, (bytes, bytearray, memoryview, str, os.PathLike)):
        return [given]
    columns = getattr(given, "columns", None)
    if columns is not None:  # a data frame of pandas
        if len(columns) != 1:
            raise UserError(messages.NOT_ONE_COLUMN.format(columns=len(columns)))
        return list(given.iloc[:, 0])
    if (isinstance(given, np.ndarray) and given.ndim == 0) or not hasattr(given, "__iter__") or isinstance(given, dict):
        raise UserError(messages.NO_LIST.format(kind=type(given).__name__))
    return list(given)


def _read(item: Any, preprocessing: Preprocessing) -> np.ndarray:
    if isinstance(item, os.PathLike):
        try:
            return read_file(Path(item), preprocessing)
        except UnreadableImage as error:
            raise UnreadableImage(f"{os.fspath(item)}: {error}") from None
    if isinstance(item, (bytes, bytearray, memoryview)):
        return decode(bytes(item), preprocessing)
    if isinstance(item, str):
        try:
            data = base64.b64decode("".join(item.split()), validate=True)
        except (binascii.Error, ValueError):
            raise UnreadableImage(messages.NOT_BASE64) from None
        return decode(data, preprocessing)
    if isinstance(item, (list, tuple, np.ndarray)):
        pixels = _pixels(item, preprocessing.channels)
        try:
            return preprocessing.resized(Image.fromarray(pixels if preprocessing.channels == 3 else pixels[:, :, 0]))
        except Exception as error:
            raise UnreadableImage(reason_for(b"", error)) from None
    raise UnreadableImage(messages.NO_IMAGE_KIND.format(kind=type(item).__name__))


def _pixels(item: Any, channels: int) -> np.ndarray:
    """Pixels as uint8 (H, W, channels). Numbers in lists, which have no dtype, must be whole and in range."""
    required = messages.PIXELS.format(channels=channels)
    try:
        array = np.asarray(item)
    except (ValueError, OverflowError, TypeError):
        raise UnreadableImage(messages.RAGGED.format(pixels=required)) from None
    kind = array.dtype.kind
    if isinstance(item, (list, tuple)) and kind in "iu" and array.size and array.min() >= 0 and array.max() <= 255:
        array = array.astype(np.uint8)
    if array.dtype != np.uint8:
        what = messages.DTYPE_KINDS.get(kind, "{dtype}").format(dtype=array.dtype)
        raise UnreadableImage(messages.WRONG_DTYPE.format(what=what, pixels=required))
    if array.ndim != 3 or array.shape[2] != channels or not array.size:
        raise UnreadableImage(messages.WRONG_SHAPE.format(shape=array.shape, pixels=required))
    return array
