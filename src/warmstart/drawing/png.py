"""Saving a picture."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from warmstart.files import write_bytes


def save_png(image: Image.Image, path: Path) -> None:
    """Write a picture as PNG in one step, making the folder where needed."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    write_bytes(path, buffer.getvalue())
