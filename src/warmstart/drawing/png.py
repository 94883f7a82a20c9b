"""Saving a picture as PNG."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from warmstart.files.plain import write_bytes

COMPRESS_LEVEL = 3  # of 9; Pillow's default of 6 takes three times as long and saves 4 %


def save_png(image: Image.Image, path: Path) -> None:
    """Write a picture as PNG in one step, making the folder where needed."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=COMPRESS_LEVEL)
    write_bytes(path, buffer.getvalue())
