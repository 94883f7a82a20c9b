"""From folders and archives to a manifest: complete, seeded, stratified, and unmoved by bad files."""

from __future__ import annotations

import csv
import logging
import shutil
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ingest_options import prepare
from photos import save_photo
from support import compose_config, manifest_rows
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json, write_json
from warmstart.ingest.check_prepared import check_prepared
from warmstart.ingest.sources.folder import list_folder
from warmstart.ingest.sources.listing import Entry
from warmstart.records.images import SplitCounts


def config(folder: Path, **changes: Any) -> dict[str, Any]:
    data = compose_config("data=image_folder")["data"]
    return {**data, "folder": str(folder), "size": 32, "workers": 1, **changes}


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_every_photo_is_in_one_split_and_classes_keep_their_proportions(
    photos: Callable[..., Path], tmp_path: Path
) -> None:
    prepare(config(photos(cat=20, dog=40)), tmp_path / "out")
    rows = manifest(tmp_path / "out")
    assert len({row["path"] for row in rows}) == len(rows) == 60
    assert Counter((row["split"], row["class"]) for row in rows) == {
        ("train", "cat"): 12, ("val", "cat"): 4, ("test", "cat"): 4, ("train", "dog"): 24, ("val", "dog"): 8, ("test", "dog"): 8,
    }  # fmt: skip


def test_rows_point_at_their_images(photos: Callable[..., Path], tmp_path: Path) -> None:
    from warmstart.dataset.preprocessing import Preprocessing

    root = photos(cat=8, dog=8)
    prepare(config(root), tmp_path / "out")
    store = ImageStore(tmp_path / "out")
    for split in ("train", "val", "test"):
        for row, image in zip(manifest_rows(store, split), store.images(split), strict=True):
            assert np.array_equal(image, Preprocessing(32).read(root / row["path"]))
    assert store.labels("train").dtype == np.int64


def test_the_seed_decides_and_nothing_else(photos: Callable[..., Path], tmp_path: Path) -> None:
    root = photos(cat=20, dog=20)
    for name, changes in {"a": {}, "b": {"workers": 2}, "c": {"seed": 1}}.items():
        prepare(config(root, **changes), tmp_path / name)
    shutil.copytree(root, tmp_path / "moved")
    prepare(config(tmp_path / "moved"), tmp_path / "d")
    digests = {name: ImageStore(tmp_path / name).digest for name in "abcd"}
    assert digests["a"] == digests["b"] == digests["d"] != digests["c"]


def test_the_decoded_pixels_are_part_of_what_images_are_known_by(
    photos: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same photos, decoded by another decoder: whoever compares digests sees that the images are others."""
    root, resized = photos(cat=8, dog=8), Preprocessing.resized
    prepare(config(root), tmp_path / "a")
    monkeypatch.setattr(Preprocessing, "resized", lambda self, image: resized(self, image) ^ 1)
    prepare(config(root, workers=0), tmp_path / "b")
    one, other = (ImageStore(tmp_path / name) for name in "ab")
    assert (tmp_path / "a/manifest.csv").read_bytes() == (tmp_path / "b/manifest.csv").read_bytes()
    assert one.digest != other.digest
    assert one.prepared.pixels == {split: sha256_file(tmp_path / "a" / f"{split}.npy") for split in SPLITS}


def test_bad_files_are_reported_and_skipped(photos: Callable[..., Path], tmp_path: Path) -> None:
    root = photos(cat=10, dog=10)
    (root / "cat/empty.jpg").touch()
    whole = (root / "dog/0.jpg").read_bytes()
    (root / "dog/truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (root / "dog/Thumbs.db").write_bytes(b"x")
    (root / "dog/text.jpg").write_text("no picture")
    shutil.copy(root / "dog/1.jpg", root / "dog/copy.jpg")
    prepare(config(root), tmp_path / "out")
    skipped = {item.path: item.reason for item in ImageStore(tmp_path / "out").prepared.skipped}
    assert set(skipped) == {"cat/empty.jpg", "dog/truncated.jpg", "dog/Thumbs.db", "dog/text.jpg", "dog/copy.jpg"}
    assert "dog/1.jpg" in skipped["dog/copy.jpg"]
    assert len(manifest(tmp_path / "out")) == 20


def test_a_balanced_subsample(photos: Callable[..., Path], tmp_path: Path) -> None:
    prepare(config(photos(cat=30, dog=50), train=20, val=10, test=10), tmp_path / "out")
    assert Counter((row["split"], row["class"]) for row in manifest(tmp_path / "out")) == {
        (split, name): n for split, n in (("train", 10), ("val", 5), ("test", 5)) for name in ("cat", "dog")
    }


def test_ready_made_splits_are_kept(photos: Callable[..., Path], tmp_path: Path) -> None:
    root = tmp_path / "ready"
    for seed, split in enumerate(("train", "test")):
        for label, name in enumerate(("a", "b", "c")):
            for index in range(10):
                save_photo(root / split / name / f"{index}.png", 10_000 * seed + 100 * label + index)
    prepare(config(root), tmp_path / "out")
    rows = manifest(tmp_path / "out")
    assert all((row["split"] == "test") == row["path"].startswith("test/") for row in rows)
    assert Counter(row["split"] for row in rows) == {"train": 24, "val": 6, "test": 30}
    assert ImageStore(tmp_path / "out").classes == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("classes", "changes", "words"),
    [
        ({"cat": 5}, {}, "1 class"),
        ({"cat": 9, "dog": 9}, {"train": 100, "val": 10, "test": 10}, "cat"),
        ({"cat": 9, "dog": 9}, {"train": 10}, "all three"),
        ({"cat": 9, "dog": 2}, {}, "dog"),
        ({"cat": 9, "dog": 9}, {"resize": "magic"}, "magic"),
    ],
)
def test_impossible_requests_are_refused_and_leave_what_was_there(
    photos: Callable[..., Path], tmp_path: Path, classes: dict[str, int], changes: dict[str, Any], words: str
) -> None:
    prepare(config(photos("good", cat=8, dog=8)), tmp_path / "out")
    before = (tmp_path / "out/manifest.csv").read_bytes()
    with pytest.raises(UserError, match=words):
        prepare(config(photos("bad", **classes), **changes), tmp_path / "out")
    assert (tmp_path / "out/manifest.csv").read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]


def test_prepared_images_of_another_configuration_are_refused(photos: Callable[..., Path], tmp_path: Path) -> None:
    data = config(photos(cat=8, dog=8))
    with pytest.raises(UserError, match="dvc repro prepare"):
        check_prepared(data, tmp_path / "out")
    prepare(data, tmp_path / "out")
    check_prepared(data, tmp_path / "out")
    check_prepared({"name": "image_folder"}, tmp_path / "out")
    with pytest.raises(UserError, match=r"data\.seed=0"):
        check_prepared({**data, "seed": 3}, tmp_path / "out")


def test_photos_that_were_moved_are_the_prepared_ones_and_others_are_not(
    photos: Callable[..., Path], tmp_path: Path
) -> None:
    data = config(photos(cat=8, dog=8))
    prepare(data, tmp_path / "out")
    moved = {**data, "folder": str((tmp_path / "photos").rename(tmp_path / "moved"))}
    check_prepared(moved, tmp_path / "out")
    with pytest.raises(UserError, match=r"data\.folder"):
        check_prepared({**data, "folder": str(tmp_path / "nowhere")}, tmp_path / "out")
    photo = tmp_path / "moved/cat/0.jpg"
    content = photo.read_bytes()
    photo.write_bytes(bytes(len(content)))  # of the same name and size
    with pytest.raises(UserError, match=r"data\.folder"):
        check_prepared(moved, tmp_path / "out")
    photo.write_bytes(content)
    check_prepared(moved, tmp_path / "out")
    photo.rename(tmp_path / "moved/dog/cat.jpg")
    with pytest.raises(UserError, match=r"data\.folder"):
        check_prepared(moved, tmp_path / "out")


def test_an_archive_with_a_folder_around_its_classes(photos: Callable[..., Path], tmp_path: Path) -> None:
    root = photos("PetImages", Cat=8, Dog=8)
    (root.parent / "archive").mkdir()
    shutil.move(root, root.parent / "archive/PetImages")
    (root.parent / "archive/readme.txt").write_text("hello")
    archive = shutil.make_archive(str(tmp_path / "pets"), "zip", root.parent / "archive")
    data = compose_config("data=cats_vs_dogs")["data"]
    prepare({**data, "archive": archive, "size": 32, "train": 8, "val": 4, "test": 4, "workers": 1}, tmp_path / "out")
    assert ImageStore(tmp_path / "out").classes == ["Cat", "Dog"]
    assert ImageStore(tmp_path / "out").prepared.counts == SplitCounts(train=8, val=4, test=4)


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "pets.zip").write_bytes(b"PK nothing")
    data = compose_config("data=cats_vs_dogs")["data"]
    with pytest.raises(UserError, match=r"pets\.zip"):
        prepare({**data, "archive": str(tmp_path / "pets.zip")}, tmp_path / "out")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"on_leak": "dorp"}, r"data\.on_leak is 'dorp'; it is one of stop, drop and allow; did you mean drop\?"),
        ({"layout": "split"}, r"data\.layout is 'split'; it is one of auto and classes"),
        ({"per_class": 10, "train": 8, "val": 4, "test": 4}, r"data\.per_class=10 .* data\.train=8"),
        ({"per_class": 2}, r"data\.per_class is 2"),
        ({"per_class": 4, "folds": 5}, r"data\.per_class is 4.* 5 or more"),
        ({"train": -1, "val": 4, "test": 4}, r"data\.train is -1"),
        ({"val_fraction": 0.0}, r"data\.val_fraction is 0"),
        (
            {"val_fraction": 0.6, "test_fraction": 0.4},
            r"data\.val_fraction=0\.6 and data\.test_fraction=0\.4 leave nothing to train on",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_read(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        prepare(config(tmp_path / "no such folder", **changes), tmp_path / "out")


def test_disk_is_spoken_of_before_it_is_spent(
    photos: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    data = config(photos(cat=8, dog=8))
    with caplog.at_level(logging.INFO):
        prepare(data, tmp_path / "out")
    assert "decoding 16 images of 32 × 32 × 3: 49.2 kB of disk, 98.3 kB while they are prepared" in caplog.text
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=98_000))
    monkeypatch.setattr("warmstart.ingest.prepare.catalogue_files", None)
    with pytest.raises(UserError, match=r"need 98\.3 kB of disk .* has 98 kB free: make room"):
        prepare(data, tmp_path / "out")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    critters = {**compose_config("data=critters")["data"], "workers": 1}
    with pytest.raises(UserError, match=r"2,200 images of 96 × 96 × 3 need 70 MB of disk"):
        prepare(critters, tmp_path / "other/out")


def test_what_was_found_is_told_in_a_few_lines(
    photos: Callable[..., Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = photos(cat=10, dog=10)
    shutil.copy(root / "cat/1.jpg", root / "dog/copy.jpg")
    with caplog.at_level(logging.INFO):
        prepare(config(root), tmp_path / "out")
    lines = [record.getMessage() for record in caplog.records]
    assert "class cat: 5 train, 2 val, 2 test" in lines and "prepared image_folder: 11 train, 4 val, 4 test" in lines
    assert any("different labels, 1 time: cat/1.jpg and dog/copy.jpg" in line for line in lines)
    assert len(lines) < 10


def test_a_group_of_the_source_is_never_in_two_splits(
    photos: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = list_folder(photos(cat=24, dog=24))
    grouped = [
        Entry(e.path, e.class_name, None, f"{e.class_name}-{int(e.path.split('/')[1][:-4]) % 6}")
        for e in listing.entries
    ]
    monkeypatch.setattr("warmstart.ingest.prepare.open_listing", lambda _: replace(listing, entries=grouped))
    prepare(config(tmp_path / "photos"), tmp_path / "out")
    rows = manifest(tmp_path / "out")
    where = {row["path"]: row["split"] for row in rows}
    groups = {entry.group: {where[e.path] for e in grouped if e.group == entry.group} for entry in grouped}
    assert len(where) == 48 and all(len(splits) == 1 for splits in groups.values())
    assert len({row["unit"] for row in rows}) == 12


def test_memory_does_not_grow_with_a_dict_for_each_image(tmp_path: Path) -> None:
    """Labels of 20,000 images are read into columns: some ten bytes each, and a kilobyte as a dict."""
    data = {**compose_config("data=critters")["data"], "size": 32, "train": 40, "val": 2, "test": 2, "workers": 1}
    prepare(data, tmp_path / "out")
    lines = (tmp_path / "out/manifest.csv").read_text().splitlines(keepends=True)
    (tmp_path / "out/manifest.csv").write_text(lines[0] + "".join(lines[1:41]) * 500)
    meta = read_json(tmp_path / "out/meta.json")
    write_json(tmp_path / "out/meta.json", meta | {"counts": {"train": 20_000, "val": 0, "test": 0}})
    store = ImageStore(tmp_path / "out")
    store.labels("train")[:1]  # what is imported on the way
    tracemalloc.start()
    labels = ImageStore(tmp_path / "out").labels("train")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(labels) == 20_000
    assert peak < 60 * len(labels)


def test_what_is_trained_on_prepared_photos_reads_new_ones_in_the_same_way(
    photos: Callable[..., Path], tmp_path: Path
) -> None:
    from warmstart.config.schema import Backbone
    from warmstart.models.normalisation import backbone_preprocessing, plain_preprocessing

    prepare(config(photos(cat=8, dog=8), fit="crop", resize="lanczos"), tmp_path / "out")
    store = ImageStore(tmp_path / "out")
    for made in (
        plain_preprocessing(store),
        backbone_preprocessing(Backbone("efficientnet_lite0", normalize="own"), store),
    ):
        assert (made.size, made.fit, made.resize) == (32, "crop", "lanczos")
        assert Preprocessing.from_dict(made.to_dict()) == made
