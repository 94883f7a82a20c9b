"""The record of every photo: used, not drawn or left out, with its reason; nothing unknown is given a number."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest_options import prepare
from photos import save_photo
from support import Folders, compose_config, manifest_rows
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS
from warmstart.ingest.scan import photo_row
from warmstart.records.photos import PhotoRow


def config(folder: Path, **changes: Any) -> dict[str, Any]:
    data = compose_config("data=image_folder")["data"]
    return {**data, "folder": str(folder), "size": 32, "workers": 1, **changes}


def scanned(folder: Path) -> tuple[list[dict[str, str]], dict[str, Any]]:
    with (folder / "scan/photos.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream)), json.loads((folder / "scan/scan.json").read_text(encoding="utf-8"))


def test_every_candidate_has_a_line_in_the_order_of_the_listing(photos: Callable[..., Path], tmp_path: Path) -> None:
    root = photos(cat=20, dog=20)
    (root / "cat/empty.jpg").touch()
    (root / "dog/Thumbs.db").write_bytes(b"x")
    shutil.copy(root / "dog/1.jpg", root / "dog/copy.jpg")
    prepare(config(root, per_class=15), tmp_path / "images")
    lines, about = scanned(tmp_path)
    assert [line["path"] for line in lines] == sorted(path.relative_to(root).as_posix() for path in root.rglob("*.jpg"))
    assert tuple(lines[0]) == PhotoRow.columns()
    assert Counter(line["fate"] for line in lines) == {"used": 30, "unused": 10, "left_out": 2}
    by_path = {line["path"]: line for line in lines}
    assert by_path["dog/copy.jpg"]["reason"] == "the same file as dog/1.jpg"
    assert by_path["dog/copy.jpg"]["unit"] == by_path["dog/1.jpg"]["unit"]
    assert by_path["cat/empty.jpg"]["reason"] and not by_path["cat/empty.jpg"]["sha256"]
    splits = {
        row["path"]: split
        for split in ("train", "val", "test")
        for row in manifest_rows(ImageStore(tmp_path / "images"), split)
    }
    assert {line["path"]: line["split"] for line in lines if line["split"]} == splits
    assert all((line["reason"] != "") == (line["fate"] == "left_out") for line in lines)
    assert about == {
        "format": 1, "dataset": "image_folder", "classes": ["cat", "dog"], "kind": "files", "size": 32, "fit": "squash",
        "skipped": [{"path": "dog/Thumbs.db", "reason": about["skipped"][0]["reason"]}], "exact": [["dog/1.jpg", "dog/copy.jpg"]], "near": [],
        "conflicts": [], "leaks": [], "on_leak": "stop", "corrections": {"file": None, "changed": [], "dropped": []}, "folds": None, "notes": [],
        "ready_made": False,
    }  # fmt: skip


def test_a_leak_that_is_allowed_is_told(tmp_path: Path) -> None:
    root = tmp_path / "ready"
    for number, split in enumerate(("train", "test")):
        for index in range(12):
            save_photo(root / split / "ab"[index % 2] / f"{index}.png", 100 * number + index)
    shutil.copy(root / "test/a/0.png", root / "train/a/twin.png")
    with pytest.raises(UserError, match=r"train/a/twin\.png \(train\) is the same file as test/a/0\.png \(test\)"):
        prepare(config(root), tmp_path / "images")
    assert not (tmp_path / "scan").exists()
    prepare(config(root, on_leak="allow"), tmp_path / "images")
    lines, about = scanned(tmp_path)
    assert about["leaks"] == [
        {"a": "train/a/twin.png", "b": "test/a/0.png", "splits": ["train", "test"], "kind": "exact"}
    ]
    assert about["on_leak"] == "allow"
    assert {line["fate"] for line in lines} == {"used"}
    prepare(config(root, on_leak="drop"), tmp_path / "images")
    lines, _ = scanned(tmp_path)
    assert [(line["path"], line["split"]) for line in lines if line["fate"] == "left_out"] == [
        ("train/a/twin.png", "train")
    ]


def test_a_refusal_leaves_images_and_record_as_they_were(photos: Callable[..., Path], tmp_path: Path) -> None:
    prepare(config(photos("good", cat=8, dog=8)), tmp_path / "images")
    before = {path: path.read_bytes() for path in tmp_path.glob("[!g]*/*")} | {tmp_path / "prepared.json": b""}
    with pytest.raises(UserError, match="'dog' has 2 usable images"):
        prepare(config(photos("bad", cat=8, dog=2)), tmp_path / "images")
    shutil.rmtree(tmp_path / "bad")
    assert {path: path.read_bytes() for path in tmp_path.glob("[!g]*/*")} | {tmp_path / "prepared.json": b""} == before
    assert (tmp_path / "prepared.json").exists()
    assert not list(tmp_path.glob(".*"))


def test_sets_of_arrays_keep_equal_images_and_say_so(tmp_path: Path) -> None:
    prepare(compose_config("data=digits")["data"], tmp_path / "images")
    lines, about = scanned(tmp_path)
    assert about["kind"] == "arrays" and len(lines) == 1797
    assert {line["fate"] for line in lines} == {"used"}
    assert lines[0]["width"] == "8" and lines[0]["format"] == ""


def test_critters_are_recorded_as_drawn(tiny: Folders) -> None:
    lines, about = scanned(tiny.root)
    assert (about["kind"], about["classes"], about["size"]) == ("drawn", ["cat", "dog"], 48)
    rows = [row for split in ("train", "val", "test") for row in manifest_rows(ImageStore(tiny.images), split)]
    keys = ("path", "class", "split", "sha256")
    assert [[line[key] for key in keys] for line in lines] == [[row[key] for key in keys] for row in rows]
    assert {line["width"] for line in lines} == {"48"}


def test_numbers_are_plain_and_what_is_not_known_is_empty(tmp_path: Path) -> None:
    facts = np.zeros(2, dtype=IMAGE_STATISTICS)
    facts[0] = (
        np.void(bytes(range(32))),
        1234,
        640,
        480,
        b"JPEG",
        b"RGB",
        1,
        0.5,
        0.00001,
        0,
        -1.25,
        1,
        0.25,
        0.125,
        7,
        9,
    )
    PhotoRow.write_rows(tmp_path / "photos.csv", [photo_row("p", "c", "", "unused", "", 0, "", one) for one in facts])
    with (tmp_path / "photos.csv").open(newline="") as stream:
        known, unknown = [line[7:] for line in list(csv.reader(stream))[1:]]
    assert known == [
        bytes(range(32)).hex(), "1234", "640", "480", "JPEG", "RGB", "1", "0.5", "0.00001", "0", "-1.25", "1", "0.25", "0.125",
    ]  # fmt: skip
    assert unknown == [""] * len(known)
