"""Folds: every image tested once, units whole, classes alike; each fold a view of the same files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.worlds import random_units, straddle, table, wishes
from ingest_options import choose_folds, prepare
from photos import save_photo
from support import compose_config, manifest_rows
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.records.images import SplitCounts


def config(folder: Path, **changes: Any) -> dict[str, Any]:
    data = compose_config("data=image_folder")["data"]
    return {**data, "folder": str(folder), "size": 32, "workers": 1, **changes}


@pytest.mark.parametrize("seed", range(24))
def test_folds_are_alike_and_no_unit_is_in_two(seed: int) -> None:
    labels, units, classes = random_units(seed)
    folds = choose_folds(labels, units, classes, wishes(folds=3, seed=seed))
    assert straddle(units, folds) == 0
    assert (folds >= 0).all()
    assert np.abs(table(labels, folds) - np.bincount(labels) / 3).max() < max(np.bincount(units).max(), 1)


def test_folds_of_single_images_differ_by_one_image_in_all() -> None:
    labels = np.repeat([0, 1, 2], [33, 41, 58])
    counts = table(labels, choose_folds(labels, np.arange(132), ["a", "b", "c"], wishes(folds=5)))
    assert np.ptp(counts.sum(axis=1)) == 1
    assert np.ptp(counts, axis=0).max() == 1


def test_folds_go_by_the_seed_and_keep_to_per_class() -> None:
    labels = np.repeat([0, 1], 50)
    a, b = (
        choose_folds(labels, np.arange(100), ["a", "b"], wishes(folds=5, per_class=20, seed=seed)) for seed in (0, 1)
    )
    assert table(labels, a).tolist() == [[4, 4]] * 5
    assert (a != b).any()


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of photos, some of them twice in other files' clothes, prepared in five folds."""
    root = tmp_path_factory.mktemp("folded")
    for label, (name, number) in enumerate({"cat": 21, "dog": 34}.items()):
        for index in range(number):
            save_photo(root / "photos" / name / f"{index}.png", 1000 * label + index)
    prepare(config(root / "photos", folds=5), root / "images")
    return root / "photos", root / "images"


def test_every_fold_is_a_whole_split_of_the_same_files(folded: tuple[Path, Path]) -> None:
    photos, images = folded
    tested: list[str] = []
    for fold in range(5):
        store = ImageStore(images, fold)
        paths = {split: [row["path"] for row in manifest_rows(store, split)] for split in SPLITS}
        assert sorted(path for split in SPLITS for path in paths[split]) == sorted(path for _, path in _all(images))
        for split in SPLITS:
            assert [row["label"] for row in manifest_rows(store, split)] == store.labels(split).tolist()
            for row, image in zip(manifest_rows(store, split), store.images(split), strict=True):
                assert np.array_equal(image, Preprocessing(32).read(photos / row["path"]))
        shares = [np.bincount(store.labels(split)) for split in SPLITS]
        assert all(abs(few[0] - sum(few) * 21 / 55) < 1 for few in shares)
        tested += paths["test"]
        assert set(paths["val"]) == {row["path"] for row in manifest_rows(ImageStore(images, (fold + 1) % 5), "test")}
    assert sorted(tested) == sorted(path for _, path in _all(images))


def _all(images: Path) -> list[tuple[str, str]]:
    store = ImageStore(images)
    return [(split, row["path"]) for split in SPLITS for row in manifest_rows(store, split)]


def test_the_first_fold_is_what_the_manifest_says(folded: tuple[Path, Path]) -> None:
    store = ImageStore(folded[1])
    assert store.prepared.folds == store.folds == 5
    assert store.prepared.counts == SplitCounts(train=33, val=11, test=11)
    assert {row["fold"] for row in manifest_rows(store, "test")} == {"0"}
    assert {row["fold"] for row in manifest_rows(store, "val")} == {"1"}
    assert {row["fold"] for row in manifest_rows(store, "train")} == {"2", "3", "4"}
    with pytest.raises(UserError, match="no fold 5"):
        ImageStore(folded[1], 5)


def test_labels_are_mixed_in_every_fold(folded: tuple[Path, Path]) -> None:
    for fold in range(5):
        labels = ImageStore(folded[1], fold).labels("train")
        assert (np.diff(labels) != 0).sum() > 5
        # Any first part of a split is a fair sample of it, not what one file has.
        assert fold == 0 or (np.diff(ImageStore(folded[1], fold).indices("train")) < 0).sum() > 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"folds": 2}, r"data\.folds is 2.*a part each"),
        ({"folds": 21}, r"data\.folds is 21; it is .* from 3 to 20"),
        ({"folds": 5, "train": 8, "val": 4, "test": 4}, r"data\.folds=5 .* data\.train=8"),
        ({"folds": 9}, r"'cat' has 8 usable images: too few for at least one each in the 9 folds"),
    ],
)
def test_folds_that_cannot_be_are_refused(
    photos: Callable[..., Path], tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        prepare(config(photos(cat=8, dog=12), **changes), tmp_path / "out")
    assert not (tmp_path / "out").exists() and not (tmp_path / "scan").exists()


def test_folds_of_few_groups_and_of_a_ready_made_split_are_refused(tmp_path: Path) -> None:
    units = np.array([0, 0, 0, 1, 1, 1, *range(10, 20)])
    with pytest.raises(
        UserError, match=r"'cat' has 6 photos in only 2 groups .* fold 0, fold 1, fold 2 needs a group of its own"
    ):
        choose_folds(np.repeat([0, 1], [6, 10]), units, ["cat", "dog"], wishes(folds=3))
    for number, split in enumerate(("train", "test")):
        for index in range(12):
            save_photo(tmp_path / "ready" / split / "ab"[index % 2] / f"{index}.png", 100 * number + index)
    with pytest.raises(UserError, match="comes with a split of its own"):
        prepare(config(tmp_path / "ready", folds=3), tmp_path / "out")


def test_a_manifest_of_another_version_is_refused(folded: tuple[Path, Path], tmp_path: Path) -> None:
    images = shutil.copytree(folded[1], tmp_path / "images")
    text = (images / "manifest.csv").read_text()
    (images / "manifest.csv").write_text(text.replace("unit,labelled,fold", "unit"))
    with pytest.raises(UserError, match=r"manifest\.csv is damaged, or not a manifest.*dvc repro prepare"):
        ImageStore(images).labels("train")
