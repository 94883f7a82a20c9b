"""Exact copies, near copies, and images that are neither."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from warmstart.dataset.row_array import RowArray
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.critters import generate
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS, perceptual_hash
from warmstart.ingest.duplicates.candidates import hamming
from warmstart.ingest.duplicates.find import Duplicates, NearPair, equal_files, find_duplicates

SIZE = 96
Find = Callable[..., Duplicates]


@pytest.fixture(scope="module")
def scenes() -> np.ndarray:
    return generate(3, range(60), 160, 1).images


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """Search images as ``prepare`` would have surveyed them. files: what is in each image's file; None: all
    different.
    """

    def _find(
        images: Sequence[np.ndarray],
        files: Sequence[str] | None = None,
        unreadable: Sequence[int] = (),
        near: bool = True,
    ) -> Duplicates:
        survey = _survey(images, files or [str(i) for i in range(len(images))], unreadable)
        small = [
            np.asarray(Image.fromarray(image).resize((SIZE, SIZE)))
            for i, image in enumerate(images)
            if i not in unreadable
        ]
        np.save(tmp_path / "decoded.npy", np.stack(small))
        return find_duplicates(survey, RowArray([tmp_path / "decoded.npy"]), near=near)

    return _find


def _survey(images: Sequence[np.ndarray], files: Sequence[str], unreadable: Sequence[int]) -> Catalogue:
    number = len(images)
    statistics = np.zeros(number, dtype=IMAGE_STATISTICS)
    statistics["sha256"] = [np.void(name.encode().ljust(32, b".")) for name in files]
    readable = [i for i in range(number) if i not in unreadable]
    for i in readable:
        grey = np.asarray(Image.fromarray(images[i]).convert("L"))
        statistics[i]["hash"], statistics[i]["mirror"] = perceptual_hash(grey), perceptual_hash(grey[:, ::-1])
        statistics[i]["height"], statistics[i]["width"] = grey.shape
    places = np.full(number, -1, dtype=np.int64)
    places[readable] = np.arange(len(readable))
    return Catalogue(
        [f"{i}.png" for i in range(number)],
        ["a"],
        np.zeros(number, dtype=np.int64),
        [None] * number,
        [None] * number,
        statistics,
        places,
    )


def _jpeg(image: Image.Image, quality: int = 85) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


def _captioned(image: Image.Image) -> Image.Image:
    image = image.copy()
    ImageDraw.Draw(image).rectangle((0, image.height * 19 // 20, image.width, image.height), fill="black")
    return image


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "recompressed": lambda image: _jpeg(image, 40),
    "smaller": lambda image: _jpeg(image.resize((60, 60))),
    "larger": lambda image: image.resize((300, 300)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "less contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.8),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "cropped": lambda image: image.crop((4, 4, 156, 156)),
    "turned": lambda image: image.rotate(2, Image.Resampling.BICUBIC).crop((5, 5, 155, 155)),
    "captioned": _captioned,
    "mirrored": ImageOps.mirror,
}


@pytest.mark.parametrize("kind", COPIES)
def test_a_changed_copy_is_found_and_nothing_else(kind: str, find: Find, scenes: np.ndarray) -> None:
    # Smaller than 64 pixels is another rule; enlarged first, so that only the change is tested.
    copies = [np.asarray(_whole(COPIES[kind](Image.fromarray(scene)))) for scene in scenes[:20]]
    found = find([*scenes, *copies])
    assert {(pair.a, pair.b - len(scenes)) for pair in found.near} <= {(i, i) for i in range(20)}
    assert len(found.near) >= 18
    assert all(pair.mirrored == (kind == "mirrored") and pair.distance <= 12 for pair in found.near)


def _whole(image: Image.Image) -> Image.Image:
    return image if min(image.size) >= 64 else image.resize((64, 64))


def test_different_scenes_in_one_style_are_no_copies(find: Find, scenes: np.ndarray) -> None:
    assert find(scenes) == Duplicates()


def test_the_same_scene_with_something_else_in_it_is_no_copy(find: Find, scenes: np.ndarray) -> None:
    down, across = np.mgrid[:160, :160] - 80
    ball = 60 * np.exp(-(((across**2 + down**2) / 20**2) ** 2))[:, :, None]  # soft, so that the fine detail stays
    images = list(scenes[:10])
    images += [
        np.clip(scene + (ball if scene[60:100, 60:100].mean() < 128 else -ball), 0, 255).astype(np.uint8)
        for scene in images
    ]
    assert not find(images).near


def test_images_of_one_colour_are_copies_only_of_the_same_colour(find: Find) -> None:
    white, dark, blue = (
        np.full((80, 80, 3), colour, dtype=np.uint8) for colour in ((255, 255, 255), (40, 40, 40), (220, 220, 255))
    )
    found = find([white, dark, white, blue, dark, white])
    assert [(pair.a, pair.b) for pair in found.near] == [(0, 2), (0, 5), (1, 4)]
    assert not any(pair.mirrored for pair in found.near)


def test_thousands_of_white_images_hang_on_the_first(find: Find) -> None:
    found = find([np.full((64, 64, 3), 255, dtype=np.uint8)] * 800)
    assert [(pair.a, pair.b) for pair in found.near] == [(0, i) for i in range(1, 800)]
    assert not found.units(800).any()


@pytest.mark.parametrize("colours", [1, 3])
def test_gradients_of_other_colours_are_no_copies(colours: int, find: Find) -> None:
    slope = np.linspace(0, 1, 80)[:, None, None] * np.ones((1, 80, 3))
    ends = np.random.default_rng(0).integers(0, 256, (30, 2, colours))
    assert not find([(a * (1 - slope) + b * slope).astype(np.uint8) for a, b in ends]).near


def test_tiny_images_have_to_be_equal(find: Find) -> None:
    tiny = np.asarray(Image.fromarray(generate(3, [0], 160, 1).images[0]).resize((32, 32)))
    moved = np.roll(tiny, 1, axis=0)
    assert [(pair.a, pair.b) for pair in find([tiny, moved, tiny]).near] == [(0, 2)]


def test_equal_files_are_groups_in_order_also_unreadable_ones(find: Find, scenes: np.ndarray) -> None:
    images = [scenes[i] for i in (0, 1, 2, 0, 1, 3, 0)]
    found = find(images, ["x", "y", "broken", "x", "y", "broken", "x"], unreadable=[2, 5])
    assert found.exact == [[0, 3, 6], [1, 4], [2, 5]]
    assert not found.near


def test_an_unreadable_photo_is_no_near_copy(find: Find, scenes: np.ndarray) -> None:
    assert find([scenes[0], scenes[1], scenes[2]], unreadable=[0, 2]) == Duplicates()


def test_photos_that_share_a_hash_are_compared_one_by_one(tmp_path: Path, scenes: np.ndarray) -> None:
    images = [*scenes[:3], *(np.asarray(_jpeg(Image.fromarray(scene))) for scene in scenes[1:3])]
    survey = _survey(images, ["a", "b", "c", "d", "e"], [])
    survey.statistics["hash"] = [7, 7, 7, 6, 5]
    np.save(tmp_path / "decoded.npy", np.stack(images))
    found = find_duplicates(survey, RowArray([tmp_path / "decoded.npy"]))
    assert [(pair.a, pair.b, pair.distance) for pair in found.near] == [(1, 3, 1), (2, 4, 1)]


def test_of_equal_files_the_first_is_compared_with_others(find: Find, scenes: np.ndarray) -> None:
    copy = np.asarray(_jpeg(Image.fromarray(scenes[0])))
    found = find([scenes[0], scenes[0], scenes[1], copy, copy], ["x", "x", "y", "z", "z"])
    assert [(pair.a, pair.b) for pair in found.near] == [(0, 3)]
    assert found.units(5).tolist() == [0, 0, 2, 0, 0]
    assert not find([scenes[0], copy], near=False).near


def test_files_that_were_never_read_are_no_copies_of_one_another() -> None:
    assert equal_files(np.zeros(3, dtype=IMAGE_STATISTICS)) == []


def test_units_join_what_hangs_together() -> None:
    found = Duplicates([[1, 4]], [NearPair(4, 7, 2, False), NearPair(2, 3, 0, True)])
    assert found.units(9).tolist() == [0, 1, 2, 2, 1, 5, 6, 1, 8]
    assert found.units(9, [(8, 3), (0, 8)]).tolist() == [0, 1, 0, 0, 1, 5, 6, 1, 0]
    chain = [(i, i + 1) for i in reversed(range(5000))]
    assert not Duplicates().units(5001, chain).any()


def test_the_hash_changes_little_with_the_photo(scenes: np.ndarray) -> None:
    hashes = np.array(
        [perceptual_hash(np.asarray(Image.fromarray(scene).convert("L"))) for scene in scenes], dtype=np.uint64
    )
    resized = [perceptual_hash(np.asarray(Image.fromarray(scene).convert("L").resize((75, 50)))) for scene in scenes]
    assert hamming(hashes, np.array(resized, dtype=np.uint64)).max() <= 6
    assert np.median(hamming(hashes[:, None], hashes)[~np.eye(len(hashes), dtype=bool)]) >= 28
