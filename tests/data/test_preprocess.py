"""Any image file becomes the same kind of array, or a reason why not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from warmstart.data.preprocess import Preprocessing, UnreadableImage


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_decodes(mode: str, channels: int) -> None:
    image = Image.new("I;16", (50, 30), 30_000) if mode == "I;16" else Image.new("RGB", (50, 30), (200, 10, 10)).convert(mode)
    array = Preprocessing(20, channels).decode(encoded(image, "TIFF" if mode == "CMYK" else "PNG"))
    assert array.shape == (20, 20, channels)
    assert array.dtype == np.uint8
    if mode == "I;16":
        assert abs(int(array.mean()) - 116) <= 2


def test_a_photo_is_turned_upright() -> None:
    pixels = np.zeros((40, 40, 3), dtype=np.uint8)
    pixels[:, 20:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise
    array = Preprocessing(40).decode(encoded(Image.fromarray(pixels), "JPEG", exif=exif, quality=95))
    assert array[25:].mean() > 200 > 50 > array[:15].mean()


def test_transparency_is_laid_on_white() -> None:
    assert Preprocessing(8).decode(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)))).min() == 255


@pytest.mark.parametrize("data", [b"", b"text", encoded(Image.new("RGB", (64, 64)), "JPEG")[:200]])
def test_what_is_no_image_says_so(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        Preprocessing(8).decode(data)


def test_it_survives_being_stored() -> None:
    preprocessing = Preprocessing(150, 3, "bicubic", (0.5,) * 3, (0.25,) * 3)
    assert Preprocessing.from_dict(preprocessing.to_dict()) == preprocessing
