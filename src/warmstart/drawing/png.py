"""Saving a picture."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from warmstart.files.plain import write_bytes

# Of 9; Pillow's 6 takes three times as long for 4 % less.
COMPRESS = 3


def save_png(image: Image.Image, path: Path) -> None:
    """Write a picture as PNG in one step, making the folder where needed."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=COMPRESS)
    write_bytes(path, buffer.getvalue())
