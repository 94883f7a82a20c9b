"""Splits: seeded and stratified, units whole, numbers exact; single images are drawn as they have always been."""

from __future__ import annotations

import hashlib
import json
import logging

import numpy as np
import pytest

from ingest.worlds import random_units, straddle, table, wishes
from ingest_options import choose_folds, choose_splits
from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError

# What the code chose before it knew of units: results of years must not move.
CHOSEN = {
    ("fractions", 0): "bbef8a04a429b51a", ("fractions", 1): "d4bf68ab0fc78eec", ("fractions", 7): "90783c873c04dd34",
    ("counts", 0): "8761bb0ae73c4070", ("counts", 1): "100a48354dc9a2f8", ("counts", 7): "b8f284f943ba11cd",
    ("two ready", 0): "771dd4788c2da9c5", ("two ready", 1): "41b3d974271b0f93", ("two ready", 7): "72c7d99ac988c5ab",
    ("two ready, counts", 0): "844403949cc3ddc8", ("two ready, counts", 1): "4ce8c5aa8d43ade6", ("two ready, counts", 7): "0330e2368dda2b47",
    ("three ready", 0): "d7ca9af1922e9671", ("three ready", 1): "fb05d560797e192c", ("three ready", 7): "1269dcff6d8a06ba",
    ("other fractions", 0): "9d8223b6a6a3d0c9", ("other fractions", 1): "2a270e2e76aacbc7", ("other fractions", 7): "eaec91906788679b",
}  # fmt: skip
COUNTS = {"train": 50, "val": 20, "test": 31}
NONE = np.full(1000, -1, dtype=np.int8)


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_single_images_are_drawn_as_ever(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    labels = rng.integers(0, 3, 200)
    two = np.array([2 if x < 0.3 else 0 for x in rng.random(200)], dtype=np.int8)
    three = np.array([2 if x < 0.3 else 1 if x < 0.5 else 0 for x in rng.random(200)], dtype=np.int8)
    cases = {
        "fractions": (NONE[:200], {}), "counts": (NONE[:200], COUNTS), "two ready": (two, {}), "three ready": (three, {}),
        "two ready, counts": (two, {"train": 40, "val": 11, "test": 20}),
        "other fractions": (NONE[:200], {"val_fraction": 0.1, "test_fraction": 0.33}),
    }  # fmt: skip
    for name, (ready, changes) in cases.items():
        parts = choose_splits(labels, np.arange(200), ready, ["a", "b", "c"], wishes(seed=seed, **changes))
        members = {split: np.flatnonzero(parts == number).tolist() for number, split in enumerate(SPLITS)}
        assert hashlib.sha256(json.dumps(members, sort_keys=True).encode()).hexdigest()[:16] == CHOSEN[name, seed], name


@pytest.mark.parametrize("seed", range(24))
def test_no_unit_is_in_two_splits_and_every_image_is_in_one(seed: int) -> None:
    labels, units, classes = random_units(seed)
    parts = choose_splits(labels, units, NONE[: len(labels)], classes, wishes(seed=seed))
    assert straddle(units, parts) == 0
    assert (parts >= 0).all()
    have, largest = np.bincount(labels), np.bincount(units).max()
    held_out = np.round(have * 0.2)
    assert np.abs(table(labels, parts) - [have - 2 * held_out, held_out, held_out]).max() < max(largest, 1)


@pytest.mark.parametrize("seed", range(24))
def test_numbers_are_kept_and_no_unit_is_in_two_splits(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    labels, units, classes = random_units(seed)
    least = int(np.bincount(labels).min())
    numbers = {
        "train": len(classes) * (least // 3),
        "val": len(classes) * (least // 6),
        "test": len(classes) * (least // 6),
    }
    parts = choose_splits(labels, units, NONE[: len(labels)], classes, wishes(seed=seed, **numbers))
    assert straddle(units, parts) == 0
    assert table(labels, parts).tolist() == [[number // len(classes)] * len(classes) for number in numbers.values()]
    assert not caplog.records


def test_numbers_that_units_cannot_give_are_missed_from_below_and_told(caplog: pytest.LogCaptureFixture) -> None:
    labels = np.repeat([0, 1], [12, 40])
    units = np.concatenate([np.arange(12) // 4, 100 + np.arange(40)])
    with caplog.at_level(logging.WARNING):
        parts = choose_splits(labels, units, NONE[:52], ["cat", "dog"], wishes(train=16, val=4, test=4))
    assert straddle(units, parts) == 0
    assert table(labels, parts).tolist() == [[4, 8], [2, 2], [2, 2]]
    assert "train has 4 of the 8 photos of class 'cat'" in caplog.text


@pytest.mark.parametrize("seed", range(24))
def test_per_class_bounds_each_class_and_takes_what_there_is(seed: int) -> None:
    labels, units, classes = random_units(seed)
    have = np.bincount(labels)
    bound = int(np.median(have))
    parts = choose_splits(labels, units, NONE[: len(labels)], classes, wishes(seed=seed, per_class=bound))
    assert straddle(units, parts) == 0
    assert np.bincount(labels[parts >= 0]).tolist() == np.minimum(have, bound).tolist()


def test_per_class_draws_from_each_ready_made_part_as_it_has_and_by_the_seed() -> None:
    labels, ready = np.tile([0, 1], 300), np.repeat([0, 1, 2], [360, 120, 120]).astype(np.int8)
    a, b = (
        choose_splits(labels, np.arange(600), ready, ["a", "b"], wishes(per_class=50, seed=seed)) for seed in (0, 1)
    )
    assert table(labels, a).tolist() == [[30, 30], [10, 10], [10, 10]]
    assert all((parts == ready)[parts >= 0].all() for parts in (a, b))
    assert (a != b).any()


def test_per_class_takes_units_whole() -> None:
    units = np.arange(240) // 4
    parts = choose_splits(np.repeat([0, 1], 120), units, NONE[:240], ["a", "b"], wishes(per_class=80))
    assert all((parts[units == unit] >= 0).sum() in (0, 4) for unit in range(60))


def test_a_subsample_has_no_more_of_larger_units_than_there_are() -> None:
    labels = np.repeat([0, 1], 400)
    units = np.where(np.arange(800) % 400 < 200, np.arange(800) // 4, 1000 + np.arange(800))
    shares = []
    for seed in range(8):
        parts = choose_splits(labels, units, NONE[:800], ["a", "b"], wishes(train=100, val=50, test=50, seed=seed))
        shares.append((units[parts >= 0] < 1000).mean())
    assert 0.4 < np.mean(shares) < 0.6


def test_units_are_used_whole_where_that_can_be() -> None:
    units = np.repeat(np.arange(14), [3, 3, 3, 2, 2, 2, 2] * 2)
    sizes = np.bincount(units)
    parts = choose_splits(np.repeat([0, 1], 17), units, NONE[:34], ["a", "b"], wishes(train=6, val=4, test=4, seed=1))
    used = np.bincount(units[parts >= 0], minlength=14)
    assert used.sum() == 14
    assert ((used == 0) | (used == sizes)).all()


def test_large_units_are_shared_out_as_the_splits_are() -> None:
    labels, units = (
        np.repeat([0, 1], 100),
        np.where(np.arange(200) % 100 < 50, np.arange(200) // 5, 1000 + np.arange(200)),
    )
    parts = choose_splits(labels, units, NONE[:200], ["a", "b"], wishes())
    assert table(labels, parts).tolist() == [[60, 60], [20, 20], [20, 20]]
    of_groups = table(labels[units < 1000], parts[units < 1000])
    assert of_groups.tolist() == [[30, 30], [10, 10], [10, 10]]


def test_a_split_comes_out_of_a_ready_made_training_part_by_whole_units() -> None:
    units = np.arange(200) // 4
    ready = np.where(np.arange(200) < 160, 0, 2).astype(np.int8)
    parts = choose_splits(np.arange(200) // 4 % 2, units, ready, ["a", "b"], wishes(val_fraction=0.25))
    assert straddle(units, parts) == 0
    assert np.bincount(parts).tolist() == [120, 40, 40]


@pytest.mark.parametrize(
    ("sizes", "changes", "words"),
    [
        ([12], {}, r"'cat' has 12 photos in only 1 group .* val would have none"),
        ([6, 6], {}, r"'cat' has 12 photos in only 2 groups .* test would have none"),
        ([6, 6], {"train": 12, "val": 4, "test": 4}, r"'cat' has 12 photos in only 2 groups"),
        ([6, 6], {"per_class": 9}, r"'cat' has 9 photos in only 2 groups"),
        ([1, 1], {}, r"'cat' has 2 usable images: too few"),
        ([1] * 9, {"train": 30, "val": 4, "test": 4}, r"'cat' has 9 usable images, but the split asks for 19"),
    ],
)
def test_a_class_too_small_is_named_with_its_units(sizes: list[int], changes: dict[str, int], words: str) -> None:
    cats = np.repeat(np.arange(len(sizes)), sizes)
    labels = np.repeat([0, 1], [len(cats), 40])
    units = np.concatenate([cats, 100 + np.arange(40)])
    with pytest.raises(UserError, match=words):
        choose_splits(labels, units, NONE[: len(units)], ["cat", "dog"], wishes(**changes))


@pytest.mark.parametrize("near", [True, False])
def test_a_class_of_too_few_scenes_is_refused_with_the_key_and_its_price_where_it_helps(near: bool) -> None:
    labels, units = np.repeat([0, 1], 30), np.repeat([0, 30], 30)
    for choose in (
        lambda w: choose_splits(labels, units, NONE[:60], ["a", "b"], w),
        lambda w: choose_folds(labels, units, ["a", "b"], w),
    ):
        with pytest.raises(UserError, match="30 photos in only 1 group") as caught:
            choose(wishes(near_duplicates=near, folds=5))
        assert (
            "--set data.near_duplicates=false" in str(caught.value) and "trained and tested on" in str(caught.value)
        ) == near
