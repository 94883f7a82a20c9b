"""Pixels of any kind that an image file can hold, as 8-bit colour or grey."""

from __future__ import annotations

import numpy as np
from PIL import Image

BITS_PER_SAMPLE = 258  # a tag of TIFF


def converted(image: Image.Image, mode: str) -> Image.Image:
    """An image as ``RGB`` or ``L``, of 8 bits a value; itself where it is that already.

    Transparency is laid on white. Grey values of more than 8 bits are taken as 0 to 255, 0 to 4095 or 0 to 65535, the
    first range that holds the image's largest value, so that 12 bits in a 16-bit file come out as they look; floats as
    0 to 1 besides. Each range is 16 times the one before: an image is brightened only where 16 levels or fewer would be
    left of it, and a dark photo stays dark. By the image alone, so that a photo is the same in training and when it is
    asked about later. Raises ValueError for what Pillow cannot convert.
    """
    if image.mode.startswith("I;16"):
        values = np.asarray(image)
        image = Image.fromarray((values >> _spare_bits(values)).astype(np.uint8))
    elif image.mode in ("I", "F"):
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    elif image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGB", layer.size, "white")
        image.paste(layer, mask=layer.getchannel("A"))
    elif image.mode == "LAB":  # Pillow has no way from there to grey but this
        image = image.convert("RGB")
    return image if image.mode == mode else image.convert(mode)


def stored_mode(image: Image.Image, data: bytes) -> str:
    """How an image file of these bytes, just opened, stores its colours: Pillow's mode, with ``;16`` where Pillow
    brings colours of 16 bits to 8 while it decodes.
    """
    sixteen = False
    if image.format == "PNG":
        sixteen = data[24:25] == b"\x10"  # in the header
    elif image.format == "TIFF":
        bits = getattr(image, "tag_v2", {}).get(BITS_PER_SAMPLE, (8,))
        sixteen = isinstance(bits, tuple) and 16 in bits
    return f"{image.mode};16" if sixteen and not image.mode.startswith("I") else image.mode


def _spare_bits(values: np.ndarray) -> int:
    """How many of the lower bits of uint16 values go so that 8 are left."""
    largest = int(values.max(initial=0))
    return 0 if largest < 1 << 8 else 4 if largest < 1 << 12 else 8


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """uint8 of int32 or float32 values (H, W); what is no number is black."""
    values = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=65535.0, neginf=0.0)
    largest = float(values.max(initial=0.0))
    scale = 255.0 if largest <= 1 else 1.0 if largest <= 255 else 1 / 16 if largest <= 4095 else 1 / 256
    return np.asarray(np.clip(values * scale, 0, 255).astype(np.uint8))
