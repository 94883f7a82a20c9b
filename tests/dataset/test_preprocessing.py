"""A photo becomes the same square everywhere: stretched, cut or padded, and a circle stays one where it should."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from warmstart.dataset.preprocessing import Preprocessing, contained, read_photo
from warmstart.errors import UserError

WIDE, TALL = (900, 300), (300, 900)


def photo_of_a_circle(width: int, height: int, radius: int = 120, form: str = "JPEG") -> bytes:
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).ellipse(
        (width // 2 - radius, height // 2 - radius, width // 2 + radius, height // 2 + radius), fill="black"
    )
    buffer = io.BytesIO()
    image.save(buffer, form, quality=95)
    return buffer.getvalue()


def extent(square: np.ndarray) -> tuple[int, int]:
    """Width and height of what is dark."""
    dark = square.mean(axis=2) < 60
    return int(dark.any(axis=0).sum()), int(dark.any(axis=1).sum())


@pytest.mark.parametrize("size", [WIDE, TALL, (4000, 500), (500, 500), (97, 61)])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_circle_stays_a_circle_where_it_is_cut_or_padded(size: tuple[int, int], form: str) -> None:
    data = photo_of_a_circle(*size, radius=int(0.4 * min(size)), form=form)
    for fit, scale in (("crop", 1 / min(size)), ("pad", 1 / max(size))):
        width, height = extent(Preprocessing(150, fit=fit).decode(data))
        assert abs(width - height) <= 2, fit
        assert width == pytest.approx(0.8 * min(size) * scale * 150, abs=3), fit
    width, height = extent(Preprocessing(150, fit="squash").decode(data))
    assert width / height == pytest.approx(size[1] / size[0], rel=0.15)


def test_padding_is_an_even_grey_and_a_crop_is_the_middle() -> None:
    padded = Preprocessing(150, fit="pad").decode(photo_of_a_circle(*WIDE))
    assert (padded[:50] == 128).all() and (padded[100:] == 128).all()
    assert padded[50:100, :40].min() > 240
    image = Image.new("RGB", WIDE, "red")
    image.paste("blue", (300, 0, 600, 300))
    assert (Preprocessing(100, fit="crop").resized(image)[:, 1:-1] == (0, 0, 255)).all()
    assert Preprocessing(10, channels=1, fit="pad").resized(image)[0, 0, 0] == 128


def test_a_large_jpeg_is_decoded_small_but_not_too_small() -> None:
    for fit in ("squash", "crop", "pad"):
        preprocessing = Preprocessing(150, fit=fit)
        for width, height in (WIDE, TALL, (4000, 500), (6000, 4000), (500, 375)):
            least = preprocessing.min_decode_size(width, height)
            resized = contained(width, height, 150) if fit == "pad" else (150, 150)
            assert all(have >= 2 * need for have, need in zip(least, resized, strict=True))
    rng = np.random.default_rng(0)
    busy = Image.fromarray(rng.integers(0, 255, (30, 240, 3), dtype=np.uint8)).resize(
        (2400, 300), Image.Resampling.BICUBIC
    )
    buffer = io.BytesIO()
    busy.save(buffer, "JPEG", quality=95)
    for fit in ("squash", "crop", "pad"):
        preprocessing = Preprocessing(64, fit=fit)
        whole = preprocessing.resized(Image.open(io.BytesIO(buffer.getvalue())))
        assert np.abs(preprocessing.decode(buffer.getvalue()).astype(int) - whole).mean() < 4, fit


def test_extreme_proportions_leave_a_line() -> None:
    for size in ((2000, 3), (3, 2000), (1, 1)):
        for fit in ("squash", "crop", "pad"):
            assert Preprocessing(16, fit=fit).resized(Image.new("RGB", size)).shape == (16, 16, 3)


def test_old_checkpoints_squash() -> None:
    preprocessing = Preprocessing(150, 3, "bicubic", (0.5,) * 3, (0.25,) * 3, fit="crop")
    stored = preprocessing.to_dict()
    assert Preprocessing.from_dict(stored) == preprocessing
    del stored["fit"]
    assert Preprocessing.from_dict(stored).fit == "squash"


def test_unknown_choices_name_the_key() -> None:
    for wrong, key in (
        ({"fit": "zoom"}, "data.fit"),
        ({"resize": "best"}, "data.resize"),
        ({"channels": 2}, "data.channels"),
    ):
        with pytest.raises(UserError, match=key):
            Preprocessing(150, **wrong)
    with pytest.raises(UserError, match=r"data\.size"):
        Preprocessing(0)


def test_a_photo_is_read_in_its_own_proportions(tmp_path: Path) -> None:
    path = tmp_path / "wide.jpg"
    path.write_bytes(photo_of_a_circle(*WIDE))
    assert read_photo(path, 300).shape == (100, 300, 3)
    assert read_photo(path, 2000).shape == (300, 900, 3)
    width, height = extent(read_photo(path, 450))
    assert abs(width - height) <= 1
    path.write_bytes(b"<html>gone</html>")
    with pytest.raises(UserError, match=r"wide\.jpg cannot be decoded: not an image: a web page"):
        read_photo(path, 300)
    with pytest.raises(UserError, match=r"none\.jpg cannot be read"):
        Preprocessing(8).read(tmp_path / "none.jpg")
