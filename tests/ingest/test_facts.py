"""What is measured of a photo is what a person would say of it, and hardly depends on how large the file is."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageFilter

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.ingest.critters import generate
from warmstart.ingest.decoding.decode_files import decode_file
from warmstart.ingest.decoding.image_statistics import COMMON_SIDE, IMAGE_STATISTICS, measure, measure_array

PORTRAIT = Image.open(Path(matplotlib.__file__).parent / "mpl-data/sample_data/grace_hopper.jpg").convert(
    "RGB"
)  # 512 × 600
SIZES = (60, 110, 150, 300, 600, 1500)


def scaled(longest: int) -> Image.Image:
    return PORTRAIT.resize((round(PORTRAIT.width * longest / 600), longest), Image.Resampling.LANCZOS)


def blurred(image: Image.Image, part: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(part * max(image.size)))


def through_a_file(image: Image.Image, size: int = 150, fit: str = "squash", form: str = "JPEG") -> np.ndarray:
    buffer = io.BytesIO()
    image.save(buffer, form, quality=90)
    return np.asarray(decode_file("x", lambda path: buffer.getvalue(), Preprocessing(size, fit=fit)).facts)


def distance(one: object, two: object) -> int:
    return (int(one) ^ int(two)).bit_count()  # type: ignore[call-overload]


def test_one_colour() -> None:
    facts = measure(Image.new("RGB", (500, 300), (255, 0, 51)))
    assert facts[["red", "green", "blue"]].tolist() == pytest.approx((1, 0, 0.2), abs=1e-4)
    assert facts["saturation"] == pytest.approx(1, abs=1e-4)
    assert facts["brightness"] == pytest.approx(0.299 + 0.114 * 0.2, abs=0.003)
    assert facts["contrast"] == pytest.approx(0, abs=1e-3)
    assert facts["sharpness"] == pytest.approx(-2)


def test_black_and_white() -> None:
    pixels = np.zeros((200, 200), dtype=np.uint8)
    pixels[:, 100:] = 255
    for image in (Image.fromarray(pixels), Image.fromarray(pixels).convert("RGB")):
        facts = measure(image)
        assert facts[["brightness", "contrast", "red", "green", "blue"]].tolist() == pytest.approx((0.5,) * 5, abs=0.01)
        assert facts["saturation"] == 0


def test_saturation_is_that_of_hsv() -> None:
    facts = measure(PORTRAIT)
    assert facts["saturation"] == pytest.approx(
        np.asarray(PORTRAIT.convert("HSV"))[..., 1].mean() / 255, abs=0.05
    )  # a little less, of the reduced photo
    assert facts[["red", "green", "blue"]].tolist() == pytest.approx(
        tuple(np.asarray(PORTRAIT).mean(axis=(0, 1)) / 255), abs=0.005
    )
    assert facts["brightness"] == pytest.approx(np.asarray(PORTRAIT.convert("L")).mean() / 255, abs=0.005)


def test_a_blurred_copy_is_less_sharp_whatever_the_size_of_the_file() -> None:
    sharp = [float(through_a_file(scaled(size))["sharpness"]) for size in SIZES]
    soft = [float(through_a_file(blurred(scaled(size), 0.008))["sharpness"]) for size in SIZES]
    assert all(a - b > 0.3 for a, b in zip(sharp, soft, strict=True))
    large = [size for size in SIZES if size > COMMON_SIDE]
    assert min(sharp) > max(value for size, value in zip(SIZES, soft, strict=True) if size in large)
    assert np.ptp([value for size, value in zip(SIZES, sharp, strict=True) if size in large and size <= 600]) < 0.15


def test_an_enlarged_photo_is_seen_to_be_blurred_and_a_small_one_is_not() -> None:
    tiny = scaled(60)
    enlarged = tiny.resize((512, 600), Image.Resampling.BICUBIC)
    assert through_a_file(tiny)["sharpness"] > 3
    assert through_a_file(enlarged)["sharpness"] < through_a_file(scaled(600))["sharpness"] - 0.7


def test_what_the_network_is_given_changes_no_fact() -> None:
    large = scaled(1500)
    first = through_a_file(large)
    for size, fit in ((28, "squash"), (224, "crop"), (64, "pad"), (400, "squash")):
        other = through_a_file(large, size, fit)
        for name in ("brightness", "contrast", "saturation", "red", "green", "blue"):
            assert other[name] == pytest.approx(first[name], abs=0.01), (name, size, fit)
        assert other["sharpness"] == pytest.approx(first["sharpness"], abs=0.15), (size, fit)
        assert distance(first["hash"], other["hash"]) <= 4


def test_hashes_know_copies_and_mirror_images() -> None:
    facts = measure(PORTRAIT)
    for copy in (
        scaled(300),
        scaled(1500),
        blurred(PORTRAIT, 0.003),
        Image.eval(PORTRAIT, lambda value: round(value * 0.8)),
    ):
        assert distance(facts["hash"], through_a_file(copy)["hash"]) <= 6
    turned = through_a_file(PORTRAIT.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert distance(facts["mirror"], turned["hash"]) <= 4
    assert distance(facts["hash"], turned["hash"]) > 12
    other = PORTRAIT.transpose(Image.Transpose.ROTATE_180)
    assert distance(facts["hash"], measure(other)["hash"]) > 16


@pytest.mark.parametrize("size", [(1, 1), (2, 500), (500, 2), (129, 1), (3, 3)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_smallest_and_the_thinnest(size: tuple[int, int], mode: str) -> None:
    facts = measure(Image.new(mode, size, "white"))
    assert facts["brightness"] == pytest.approx(1)
    assert facts["sharpness"] == -2


def test_images_without_a_file() -> None:
    pixels = np.asarray(PORTRAIT)
    facts = measure_array(pixels)
    assert facts[["bytes", "width", "height", "format", "mode", "frames"]].tolist() == (
        pixels.nbytes,
        512,
        600,
        b"",
        b"",
        1,
    )
    assert facts["sharpness"] == measure(PORTRAIT)["sharpness"] > 2
    assert facts["hash"] == 0


def test_drawn_images_are_measured_by_whoever_draws_them() -> None:
    block = generate(1, range(5), 32)
    assert block.facts.dtype == IMAGE_STATISTICS
    assert [row.tobytes() for row in block.facts] == [measure_array(image).tobytes() for image in block.images]
    assert block.facts["contrast"].min() > 0.02
