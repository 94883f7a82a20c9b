"""Corrections: what a person said of a photo holds, and what they cannot have meant is named by file and line."""

from __future__ import annotations

import csv
import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest_options import prepare
from support import compose_config, manifest_rows
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.ingest.check_prepared import check_prepared
from warmstart.ingest.corrections import read_corrections
from warmstart.records.images import SkippedFile

PATHS = ["cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "dog/1.jpg"]
CLASSES = ["cat", "dog"]


def config(folder: Path, **changes: Any) -> dict[str, Any]:
    data = compose_config("data=image_folder")["data"]
    return {**data, "folder": str(folder), "size": 32, "workers": 1, **{k: str(v) for k, v in changes.items()}}


def written(folder: Path, *lines: str, head: str = "path,given,suggested,confidence,seen_by,new_label") -> Path:
    path = folder / "corrections.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def test_the_table_of_compare_is_read_where_a_person_filled_it_in(tmp_path: Path) -> None:
    lines = [
        "cat/0.jpg,cat,dog,0.99,5,dog",
        "cat/1.jpg,cat,dog,0.97,5,",
        "dog/0.jpg,dog,cat,0.9,5, drop ",
        "dog/1.jpg,dog,cat,0.8,5,dog",
    ]
    table = read_corrections(written(tmp_path, *lines), PATHS, CLASSES)
    assert (table.file, table.labels, table.dropped) == ("corrections.csv", {0: 1, 3: 1}, {2})


@pytest.mark.parametrize("head", ["path,label", "\ufeffpath,label", "label,path,why", "path,label,new_label"])
def test_other_columns_and_orders_do(tmp_path: Path, head: str) -> None:
    names = head.removeprefix("\ufeff").split(",")
    row = {"path": "cat\\1.jpg", "label": "dog", "why": "it barks", "new_label": "dog"}
    table = read_corrections(written(tmp_path, ",".join(row[name] for name in names), head=head), PATHS, CLASSES)
    assert table.labels == {1: 1}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["cat/0.jpg,,,,,dog", "cat/7.jpg,,,,,dog"], r"corrections\.csv, line 3: 'cat/7\.jpg' is no photo"),
        (["photos/dog/1.jpg,,,,,dog"], r"line 2: .*did you mean 'dog/1\.jpg'"),
        (["cat/0.jpg,,,,,Dogg"], r"line 2: 'Dogg' is no class \(did you mean 'dog'\?\): it is cat, dog, drop"),
        (
            ["cat/0.jpg,,,,,dog", "dog/0.jpg,,,,,drop", "cat/0.jpg,,,,,drop"],
            r"line 4: another answer for 'cat/0\.jpg' than line 2",
        ),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path: Path, lines: list[str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_corrections(written(tmp_path, *lines), PATHS, CLASSES)


def test_an_answer_given_twice_and_a_line_left_empty_do_no_harm(tmp_path: Path) -> None:
    table = read_corrections(
        written(tmp_path, "cat/0.jpg,,,,,dog", "cat/0.jpg,,,,,", "cat/0.jpg,,,,,dog"), PATHS, CLASSES
    )
    assert table.labels == {0: 1}


def test_a_table_without_answers_warns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        table = read_corrections(written(tmp_path, "cat/0.jpg,cat,dog,0.9,5,"), PATHS, CLASSES)
    assert not table.labels and not table.dropped
    assert "no line of" in caplog.text


def test_files_that_are_no_such_table_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.csv cannot be read"):
        read_corrections(tmp_path / "gone.csv", PATHS, CLASSES)
    with pytest.raises(UserError, match="names the columns 'photo', 'class'; it lacks 'path'"):
        read_corrections(written(tmp_path, head="photo,class"), PATHS, CLASSES)
    (tmp_path / "bad.csv").write_bytes(b"path,label\n\xff\xfe,x\n")
    with pytest.raises(UserError, match=r"bad\.csv, line 2 is not UTF-8 text"):
        read_corrections(tmp_path / "bad.csv", PATHS, CLASSES)
    with pytest.raises(UserError, match="rename the class"):
        read_corrections(written(tmp_path, "a,drop", head="path,label"), ["a"], ["drop", "keep"])


def test_prepare_honours_them_and_says_so(photos: Callable[..., Path], tmp_path: Path) -> None:
    table = written(tmp_path, "cat/0.jpg,,,,,dog", "dog/3.jpg,,,,,drop", "cat/1.jpg,,,,,cat")
    data = config(photos(cat=10, dog=10), corrections=table)
    prepare(data, tmp_path / "images")
    store = ImageStore(tmp_path / "images")
    rows = {row["path"]: row for split in ("train", "val", "test") for row in manifest_rows(store, split)}
    assert len(rows) == 19 and "dog/3.jpg" not in rows
    assert (rows["cat/0.jpg"]["class"], rows["cat/0.jpg"]["label"], rows["cat/0.jpg"]["labelled"]) == ("dog", 1, "cat")
    assert rows["cat/1.jpg"]["labelled"] == rows["dog/0.jpg"]["labelled"] == ""
    assert (store.prepared.corrected, store.prepared.dropped) == (1, 1)
    assert SkippedFile("dog/3.jpg", "corrected to drop by corrections.csv") in store.prepared.skipped
    scan = json.loads((tmp_path / "scan/scan.json").read_text())
    assert scan["corrections"] == {
        "file": "corrections.csv", "changed": [{"path": "cat/0.jpg", "from": "cat", "to": "dog"}], "dropped": ["dog/3.jpg"],
    }  # fmt: skip
    with (tmp_path / "scan/photos.csv").open() as stream:
        lines = {row["path"]: row for row in csv.DictReader(stream)}
    assert lines["cat/0.jpg"]["class"] == "cat" and lines["cat/0.jpg"]["fate"] == "used"
    assert (lines["dog/3.jpg"]["fate"], lines["dog/3.jpg"]["split"]) == ("left_out", "")
    with pytest.raises(UserError, match=r"data\.corrections"):
        check_prepared({**data, "corrections": None}, tmp_path / "images")


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ([], {}),
        (["dog/copy.jpg,,,,,drop"], {"cat/1.jpg": ("cat", "")}),
        (["cat/1.jpg,,,,,drop"], {"dog/copy.jpg": ("dog", "")}),
        (["cat/1.jpg,,,,,dog"], {"cat/1.jpg": ("dog", "cat")}),
        (["cat/1.jpg,,,,,cat"], {"cat/1.jpg": ("cat", "")}),  # what holds for one copy holds for the other
        (["dog/copy.jpg,,,,,dog"], {"cat/1.jpg": ("dog", "cat")}),
    ],
)
def test_a_contradiction_is_settled_by_a_person(
    photos: Callable[..., Path], tmp_path: Path, lines: list[str], kept: dict[str, tuple[str, str]]
) -> None:
    root = photos(cat=8, dog=8)
    shutil.copy(root / "cat/1.jpg", root / "dog/copy.jpg")
    prepare(config(root, **({"corrections": written(tmp_path, *lines)} if lines else {})), tmp_path / "images")
    store = ImageStore(tmp_path / "images")
    rows = {
        row["path"]: (row["class"], row["labelled"])
        for split in ("train", "val", "test")
        for row in manifest_rows(store, split)
    }
    assert {path: rows[path] for path in ("cat/1.jpg", "dog/copy.jpg") if path in rows} == kept
    conflicts = json.loads((tmp_path / "scan/scan.json").read_text())["conflicts"]
    assert conflicts == ([] if lines else [["cat/1.jpg", "dog/copy.jpg"]])
    reasons = {item.path: item.reason for item in store.prepared.skipped}
    if not lines:
        assert reasons == {
            "cat/1.jpg": "the same photo as dog/copy.jpg, which is labelled dog",
            "dog/copy.jpg": "the same photo as cat/1.jpg, which is labelled cat",
        }


def test_dropping_one_copy_drops_its_copies(photos: Callable[..., Path], tmp_path: Path) -> None:
    root = photos(cat=8, dog=8)
    shutil.copy(root / "cat/1.jpg", root / "cat/copy.jpg")
    prepare(config(root, corrections=written(tmp_path, "cat/1.jpg,cat,dog,0.9,5,drop")), tmp_path / "images")
    store = ImageStore(tmp_path / "images")
    used = {row["path"] for split in ("train", "val", "test") for row in manifest_rows(store, split)}
    assert len(used) == 15 and not {"cat/1.jpg", "cat/copy.jpg"} & used


def test_a_table_that_a_spreadsheet_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_bytes("\ufeffPath;given;New_Label\r\ncat/0.jpg;cat;dog\r\n".encode())
    assert read_corrections(path, PATHS, CLASSES).labels == {0: 1}
