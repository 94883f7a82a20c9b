"""Pixels of any kind that an image file can hold, as 8-bit colour or grey."""

from __future__ import annotations

import numpy as np
from PIL import Image


def converted(image: Image.Image, mode: str) -> Image.Image:
    """An image as ``RGB`` or ``L``, of 8 bits a value; itself where it is that already.

    Transparency is laid on white. Of 16-bit values the upper 8 bits count. Integers of 32 bits and floats are taken as 0 to 1,
    0 to 255 or 0 to 65535, the first range that holds the image's largest value. Raises ValueError for what Pillow cannot convert.
    """
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    elif image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGB", layer.size, "white")
        image.paste(layer, mask=layer.getchannel("A"))
    elif image.mode == "LAB":  # Pillow has no way from there to grey but this
        image = image.convert("RGB")
    return image if image.mode == mode else image.convert(mode)


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """uint8 of int32 or float32 values (H, W); what is no number is black."""
    values = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=65535.0, neginf=0.0)
    largest = float(values.max(initial=0.0))
    scale = 255.0 if largest <= 1 else 1.0 if largest <= 255 else 1 / 256
    return np.asarray(np.clip(values * scale, 0, 255).astype(np.uint8))
