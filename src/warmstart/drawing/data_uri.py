"""Pictures as data: addresses, so that a page needs no file beside it."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from warmstart.files.reading import reading

MAX_PNG_BYTES = 100_000  # larger files become JPEG


def png_uri(data: bytes) -> str:
    """The address of a PNG file's content."""
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


def jpeg_uri(data: bytes) -> str:
    """The address of a JPEG file's content."""
    return "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii")


def photo_uri(image: Image.Image) -> str:
    """The address of a picture with photos in it, as JPEG: a fraction of a PNG, and a page holds dozens."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=78, optimize=True)
    return jpeg_uri(buffer.getvalue())


def file_uri(path: Path) -> str | None:
    """The address of a PNG file on disk: as it is when small, as JPEG when large. None where there is no file."""
    if not path.exists():
        return None
    with reading(path, "a picture"):
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return png_uri(data) if len(data) < MAX_PNG_BYTES else photo_uri(image)
