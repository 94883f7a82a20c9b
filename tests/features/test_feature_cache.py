"""Features are written in shards while they are made, and read a few rows at a time, in the order of any fold."""

from __future__ import annotations

import csv
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support import CURVES, Configure, Folders, extract, load_cached, manifest_rows, read_history
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowArray
from warmstart.errors import UserError
from warmstart.features import feature_cache, shards
from warmstart.features.feature_cache import features_digest
from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json, write_json

FOLDS = 4


@pytest.fixture(scope="module")
def folded(tiny: Folders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny images again, in folds."""
    folder = tmp_path_factory.mktemp("folded") / "images"
    shutil.copytree(tiny.images, folder)
    with (folder / "manifest.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    rng = np.random.default_rng(0)
    for row in rows:
        row["fold"] = {"test": 0, "val": 1, "train": int(rng.integers(2, FOLDS))}[row["split"]]
    with (folder / "manifest.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    write_json(folder / "meta.json", {**read_json(folder / "meta.json"), "folds": FOLDS, "digest": "folded"})
    return folder


@pytest.fixture(scope="module")
def features(configure: Configure, folded: Path) -> Path:
    """Features of all of them, in shards of twenty."""
    folder = folded.with_name("feature_cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "ROWS_PER_FILE", 20)
        extract(configure("features", "head.pool=flatten"), folded, folder)
    return folder


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "ROWS_PER_FILE", 20)


def test_shards_hold_so_many_rows_and_read_as_one(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(53, 3)).astype(np.float32)
    with shards.ShardWriter(tmp_path, "avg", 3) as out:
        for part in np.split(vectors, [7, 7, 50]):
            out.append(part)
    paths = shards.shard_paths(tmp_path, "avg", 53)
    assert sorted(tmp_path.iterdir()) == paths
    assert [len(np.load(path)) for path in paths] == [20, 20, 13]
    assert np.array_equal(RowArray(paths)[:], vectors)


def test_no_rows_are_one_empty_file(tmp_path: Path) -> None:
    with shards.ShardWriter(tmp_path, "avg", 3):
        pass
    assert RowArray(shards.shard_paths(tmp_path, "avg", 0)).shape == (0, 3)


def test_folds_take_the_vectors_of_their_own_images(features: Path, folded: Path, configure: Configure) -> None:
    assert [path.name for path in sorted((features / "train").glob("avg-*"))] == [
        "avg-00000.npy",
        "avg-00001.npy",
        "avg-00002.npy",
    ]
    for pool, width in (("avg", 1280), ("flatten", 1280 * 4)):
        config, first = configure("features", f"head.pool={pool}"), ImageStore(folded)
        known = {
            row["path"]: vector
            for split in SPLITS
            for row, vector in zip(
                manifest_rows(first, split), load_cached(features, config, first, split), strict=True
            )
        }
        for fold in range(FOLDS):
            store = ImageStore(folded, fold)
            for split in SPLITS:
                vectors = load_cached(features, config, store, split)
                assert vectors.shape == (len(manifest_rows(store, split)), width)
                assert all(
                    np.array_equal(known[row["path"]], vector)
                    for row, vector in zip(manifest_rows(store, split), vectors, strict=True)
                )


def test_features_on_disk_train_what_features_in_memory_train(
    train_tiny: Callable[..., Path],
    configure: Configure,
    tiny: Folders,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "feature_cache"
    extract(configure("features"), tiny.images, folder)
    monkeypatch.setattr(Folders, "features", property(lambda self: folder))
    outs = []
    for held in (1 << 30, 0):
        monkeypatch.setattr(feature_cache, "MAX_BYTES_IN_MEMORY", held)
        kind = type(load_cached(folder, configure("features"), ImageStore(tiny.images), "train"))
        assert kind is (np.ndarray if held else RowArray)
        outs += [
            train_tiny(recipe, tmp_path / f"{recipe}-{held}", "schedule.epochs=1")
            for recipe in ("features", "linear_probe")
        ]
    rows = [[[row[key] for key in CURVES] for row in read_history(out / "history.csv")] for out in outs]
    assert rows[:2] == rows[2:]


def test_nothing_half_written_is_taken_for_whole(
    features: Path, folded: Path, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, calls = tmp_path / "feature_cache", []
    shutil.copytree(features, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def dies(*args: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return shards_pool(*args)

    shards_pool = feature_cache.pool_features
    monkeypatch.setattr(feature_cache, "pool_features", dies)
    with pytest.raises(KeyboardInterrupt):
        extract(configure("features"), folded, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert list(tmp_path.iterdir()) == [folder]


def test_a_shard_that_is_missing_is_named(features: Path, folded: Path, configure: Configure, tmp_path: Path) -> None:
    folder = tmp_path / "feature_cache"
    shutil.copytree(features, folder)
    (folder / "train/avg-00001.npy").unlink()
    with pytest.raises(UserError, match=r"avg-00001\.npy is missing"):
        load_cached(folder, configure("features"), ImageStore(folded), "train")


def test_vectors_are_known_by_their_content(
    features: Path, folded: Path, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same images at another precision, or through other code, are other vectors; another pooling of the same is
    another matter.
    """
    files = sorted(path.relative_to(features).as_posix() for path in features.rglob("*.npy"))
    assert read_json(features / "meta.json")["files"] == {name: sha256_file(features / name) for name in files}
    assert features_digest(features, "avg") != features_digest(features, "flatten")
    pool, known = feature_cache.pool_features, features_digest(features, "avg")
    monkeypatch.setattr(feature_cache, "pool_features", lambda values, name: pool(values, name) * 2)
    extract(configure("features"), folded, tmp_path / "feature_cache")
    assert features_digest(tmp_path / "feature_cache", "avg") != known
    monkeypatch.setattr(feature_cache, "pool_features", pool)
    extract(configure("features", "head.pool=avg"), folded, tmp_path / "feature_cache")
    assert features_digest(tmp_path / "feature_cache", "avg") == known


def test_disk_use_is_said_before_and_refused_where_there_is_no_room(
    folded: Path,
    configure: Configure,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("warmstart.files.plain.shutil.disk_usage", lambda path: usage(10**9, 10**9, 10**5))
    with pytest.raises(UserError, match=r"features of 80 images need 409\.6 kB .* 100 kB free"):
        extract(configure("features"), folded, tmp_path / "new" / "feature_cache")
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr("warmstart.files.plain.shutil.disk_usage", lambda path: usage(10**9, 0, 10**9))
    monkeypatch.setattr(feature_cache, "_extract", lambda *args: None)
    with caplog.at_level("INFO", logger="warmstart"):
        extract(configure("features"), folded, tmp_path / "feature_cache")
    assert "the features of 80 images need 409.6 kB on disk; 1 GB are free" in caplog.messages
