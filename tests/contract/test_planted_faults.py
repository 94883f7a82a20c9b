"""Thirty known faults in a folder of photos are found whole, from the files to the audit; a clean folder gives no
alarm.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from ingest_options import prepare
from planted import clean, plant
from support import compose_config, manifest_rows
from warmstart.audit.write_audit import write_audit
from warmstart.dataset.image_store import ImageStore
from warmstart.files.plain import read_json


def audited(photos: Path, root: Path) -> dict[str, Any]:
    data = compose_config("data=image_folder")["data"]
    prepare({**data, "folder": str(photos), "size": 64, "folds": 5}, root / "images")
    write_audit(root / "scan", root / "images", root / "audit", dataset=data["name"])
    found: dict[str, Any] = read_json(root / "audit/audit.json")
    return found


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]], dict[str, Any]]:
    root = tmp_path_factory.mktemp("faulty")
    planted = plant(root / "photos")
    return root, planted, audited(root / "photos", root)


def test_every_planted_fault_is_found_and_nothing_else(
    faulty: tuple[Path, dict[str, list[str]], dict[str, Any]],
) -> None:
    _, planted, found = faulty
    assert sum(map(len, planted.values())) == 30
    every = {path for paths in planted.values() for path in paths}
    findings = {finding["key"]: finding for finding in found["findings"]}
    for kind, paths in planted.items():
        named = {path for item in findings[kind]["items"] for path in item["paths"]}
        assert set(paths) <= named, kind
        # An original may be named beside its copy; of other photos only ones with a fault, such as a blurred one that
        # is dark too.
        others = {path for path in named if not path.rpartition("/")[2].removesuffix(".jpg").isdigit()}
        assert others <= every, kind
    assert set(findings) == set(planted)


def test_a_photo_under_two_labels_is_not_learned_from_and_copies_stay_together(
    faulty: tuple[Path, dict[str, list[str]], dict[str, Any]],
) -> None:
    root, _, _ = faulty
    store = ImageStore(root / "images")
    rows = {row["path"]: row for split in ("train", "val", "test") for row in manifest_rows(store, split)}
    assert not {"cat/0007.jpg", "dog/0007_as_dog.jpg", "cat/0001_copy.jpg", "dog/cut.png", "cat/empty.jpg"} & set(rows)
    for copy, original in (("cat/0003_mirrored.jpg", "cat/0003.jpg"), ("dog/0006_cropped.jpg", "dog/0006.jpg")):
        assert rows[copy]["fold"] == rows[original]["fold"] and rows[copy]["unit"] == rows[original]["unit"]
    with (root / "scan/photos.csv").open(newline="") as stream:
        fates = {line["path"]: line["fate"] for line in csv.DictReader(stream)}
    assert fates["dog/0007_as_dog.jpg"] == "left_out" and fates["cat/0003.jpg"] == "used"


def test_a_clean_folder_gives_no_alarm(tmp_path: Path) -> None:
    clean(tmp_path / "photos")
    found = audited(tmp_path / "photos", tmp_path)
    assert found["verdict"] == "Nothing wrong was found"
    assert not [finding for finding in found["findings"] if finding["severity"] != "fine"]
