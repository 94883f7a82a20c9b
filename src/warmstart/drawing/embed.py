"""Pictures inside the page itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from warmstart.drawing.sheet import square
from warmstart.files.reading import reading

SAMPLE = 120


def png_uri(data: bytes) -> str:
    """A PNG file as a data: address."""
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


def jpeg_uri(data: bytes) -> str:
    """A JPEG file as a data: address."""
    return "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii")


def photo_uri(image: Image.Image) -> str:
    """A picture with photos in it as a data: address, as JPEG: a fraction of a PNG, and a page holds dozens."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=78, optimize=True)
    return jpeg_uri(buffer.getvalue())


def file_uri(path: Path) -> str | None:
    """A PNG file on disk as a data: address: as it is when small, as JPEG when large; None without a file."""
    if not path.exists():
        return None
    with reading(path, "a picture"):
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return png_uri(data) if len(data) < 100_000 else photo_uri(image)


def contact_sheet(images: Sequence[np.ndarray], columns: int) -> Image.Image:
    """Square images, uint8 (size, size, 1 or 3), side by side in rows, each 120 pixels wide."""
    gap = 6
    rows = -(-len(images) // columns)
    sheet = Image.new("RGB", (columns * (SAMPLE + gap) - gap, rows * (SAMPLE + gap) - gap), "white")
    for i, pixels in enumerate(images):
        sheet.paste(square(pixels, SAMPLE), ((i % columns) * (SAMPLE + gap), (i // columns) * (SAMPLE + gap)))
    return sheet
