"""The procedural dataset: deterministic, balanced, with the label in the evidence only."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from warmstart.errors import UserError
from warmstart.ingest.critters import CLASSES, Block, draw, generate, generate_blocks
from warmstart.ingest.critters.pose import Pose, pose
from warmstart.ingest.decoding.worker_processes import Crash

GENERATE = importlib.import_module("warmstart.ingest.critters.generate")
DRAW = importlib.import_module("warmstart.ingest.critters.draw")  # the package's own attribute ``draw`` is the function


@pytest.fixture(scope="module")
def drawn() -> tuple[Block, list[Pose]]:
    """600 pictures, and the pose of each head, noted down while they are drawn."""
    poses: list[Pose] = []

    def noted(rng: np.random.Generator, pixels: int) -> Pose:
        poses.append(pose(rng, pixels))
        return poses[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DRAW, "pose", noted)
        return generate(3, range(600), 64), poses


@pytest.fixture(scope="module")
def pictures(drawn: tuple[Block, list[Pose]]) -> Block:
    return drawn[0]


def test_a_picture_depends_on_seed_and_index_alone() -> None:
    first = draw(5, 8, 64)
    draw(9, 1, 64)
    again = draw(5, 8, 64)
    assert first.image.tobytes() == again.image.tobytes()
    assert first.mask.tobytes() == again.mask.tobytes()
    assert first.image.tobytes() != draw(6, 8, 64).image.tobytes()
    assert first.image.tobytes() != draw(5, 10, 64).image.tobytes()


def test_the_result_is_the_same_for_any_number_of_workers_and_any_order() -> None:
    indices = list(range(70))
    one, two = generate(1, indices, 32, workers=1), generate(1, indices, 32, workers=2)
    back = generate(1, indices[::-1], 32)
    for a, b, c in zip(one, two, back, strict=True):
        assert a.tobytes() == b.tobytes()
        np.testing.assert_array_equal(a, c[::-1])
    np.testing.assert_array_equal(one[0][17], draw(1, 17, 32).image)
    np.testing.assert_array_equal(one[2][17], draw(1, 17, 32).mask)


def test_blocks_are_the_same_pictures_without_holding_them_all() -> None:
    whole = generate(2, range(10, 210), 32)
    parts = list(generate_blocks(2, range(10, 210), 32))
    assert len(parts) > 1
    for number, array in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate([part[number] for part in parts]), array)


def test_labels_are_balanced_and_types_as_documented(pictures: Block) -> None:
    images, labels, masks, _ = pictures
    assert CLASSES == ("cat", "dog")
    assert np.bincount(labels).tolist() == [300, 300]
    assert images.shape == (600, 64, 64, 3)
    assert images.dtype == masks.dtype == np.uint8
    assert set(np.unique(masks)) == {0, 1}


def test_colour_brightness_place_and_pose_carry_no_label(drawn: tuple[Block, list[Pose]]) -> None:
    (images, labels, *_), poses = drawn
    statistics = {
        "red": images[..., 0].mean(axis=(1, 2)),
        "green": images[..., 1].mean(axis=(1, 2)),
        "blue": images[..., 2].mean(axis=(1, 2)),
        "brightness": images.mean(axis=(1, 2, 3)),
        "contrast": images.std(axis=(1, 2, 3)),
        "corner": images[:, :8, :8].mean(axis=(1, 2, 3)),
        "x": np.array([p.centre[0] for p in poses]),
        "y": np.array([p.centre[1] for p in poses]),
        "radius": np.array([p.radius for p in poses]),
        "yaw": np.array([p.rotation[0, 2] for p in poses]),
        "roll": np.array([p.rotation[1, 0] for p in poses]),
    }
    assert len(poses) == 600
    for name, values in statistics.items():
        assert abs(np.corrcoef(values, labels)[0, 1]) < 0.1, name


def test_masks_cover_a_part_of_the_picture(pictures: Block) -> None:
    part = pictures[2].mean(axis=(1, 2))
    assert part.min() > 0.02
    assert part.max() < 0.4


def test_the_mask_is_where_cats_and_dogs_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its ears and muzzle, drawn with the same random numbers, a critter changes inside the mask only."""
    for label, parts in enumerate((("cat_ears", "cat_muzzle"), ("dog_ears", "dog_muzzle"))):
        whole = draw(4, label, 96)
        with monkeypatch.context() as patch:
            for part in parts:
                original = getattr(DRAW, part)
                patch.setattr(DRAW, part, lambda rng, canvas, *rest, o=original: o(rng, _Copy(canvas), *rest))
            bare = draw(4, label, 96)
        changed = (whole.image.astype(int) - bare.image).max(axis=2) != 0
        assert not bare.mask.any()
        # the rim is blended, so a changed pixel may lie one pixel outside
        near = np.max([np.roll(whole.mask, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)], axis=0)
        assert changed.sum() > 0.6 * whole.mask.sum()
        assert not (changed & ~near).any()


class _Copy:
    """A canvas on which nothing stays; random numbers are used up as on the real one."""

    def __init__(self, canvas: object) -> None:
        self.pixels = canvas.pixels  # type: ignore[attr-defined]

    def fill(self, *args: object, **kwargs: object) -> None: ...

    inked = stroke = fill


@pytest.mark.parametrize("size", [64, 97, 160])
def test_sizes(size: int) -> None:
    critter = draw(0, 3, size)
    assert critter.image.shape == (size, size, 3)
    assert critter.mask.shape == (size, size)
    assert critter.label == 1
    # the same picture, only larger
    assert abs(critter.mask.mean() - draw(0, 3, 128).mask.mean()) < 0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw(0, 0, 31), "size=31"),
        (lambda: draw(0, -1, 64), "index=-1"),
        (lambda: draw(-1, 0, 64), "seed=-1"),
        (lambda: generate(0, [3, -2], 64), "index=-2"),
        (lambda: generate(0, range(4), 64, workers=0), "workers=0"),
        (lambda: generate(0, [], 16), "size=16"),
    ],
)
def test_bad_arguments_are_named(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError, match=message):
        call()


def test_a_process_that_dies_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GENERATE, "map_blocks", lambda *given: iter([Crash()]))
    with pytest.raises(UserError, match=r"critters: a process .* try data\.workers=1"):
        generate(0, range(200), 32, workers=2)


def test_no_picture_at_all() -> None:
    images, labels, masks, statistics = generate(0, [], 64)
    assert statistics.shape == (0,)
    assert images.shape == (0, 64, 64, 3)
    assert labels.shape == (0,)
    assert masks.shape == (0, 64, 64)
