"""The audit's folder: everything in JSON, a page that stands alone, pictures where there are any."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scans import SIZE, clean_rows, left_out, write_images, write_scan
from support import CHECKOUT
from warmstart.audit.thumbnails import channel_statistics, evenly_spaced, prepared_thumbnails, unsquashed
from warmstart.audit.write_audit import write_audit
from warmstart.errors import UserError
from warmstart.records.audit import ChannelStatistics


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan with faults, its images and its audit."""
    root = tmp_path_factory.mktemp("faulty")
    rows = clean_rows(100)
    for row in rows[:25]:
        left_out(row, "empty file")
    rows[30]["path"] = "cat/<b>30.jpg"
    left_out(rows[31], "the same file as cat/<b>30.jpg", readable=True)
    rows[32] |= {"contrast": 0.0}
    for row in rows[140:]:
        row["path"] = row["path"].replace("dog", "big dog")
    near = [{"a": "cat/0033.jpg", "b": "cat/0034.jpg", "distance": 2, "mirrored": True}]
    conflicts = [["cat/<b>30.jpg", "dog/0001.jpg"], ["cat/0000.jpg", "dog/0002.jpg"]]
    write_scan(root / "scan", rows, near=near, exact=[["cat/<b>30.jpg", "cat/0031.jpg"]], conflicts=conflicts)
    write_images(root / "images", rows)
    write_audit(root / "scan", root / "images", root / "audit", dataset="pets")
    return root


def test_all_cases_are_in_the_json_and_the_first_on_the_page(faulty: Path) -> None:
    content = json.loads((faulty / "audit/audit.json").read_text())
    cases = {finding["key"]: finding["items"] for finding in content["findings"]}
    assert [item["paths"] for item in cases["unreadable"]] == [[f"cat/{i:04d}.jpg"] for i in range(25)]
    assert {finding["key"]: finding["severity"] for finding in content["findings"]} == {
        "conflicts": "stop", "unreadable": "look", "exact": "fine", "near": "look", "blank": "look",
        "small_test": "look",
    }  # fmt: skip
    assert content["verdict"] == "1 problem to solve before you train, and 4 more to look at"
    assert content["channels"]["n"] == sum(row["train"] for row in content["balance"])
    page = (faulty / "audit/index.html").read_text()
    assert "cat/0019.jpg" in page and "cat/0020.jpg" not in page and "and 5 more" in page


def test_the_page_stands_alone_and_escapes_what_others_wrote(faulty: Path) -> None:
    page = (faulty / "audit/index.html").read_text()
    assert "<script" not in page and "&lt;b&gt;30.jpg" in page and "<b>30" not in page
    assert all(address.startswith("data:") for address in re.findall(r'(?:src|href)="([^"]*)"', page))
    order = [
        page.index(part)
        for part in (
            "1 problem to solve",
            "To solve before",
            "To look at",
            "For information",
            "Checked and fine",
            "Classes",
        )
    ]
    assert order == sorted(order)


def test_the_same_scan_gives_the_same_bytes(faulty: Path, tmp_path: Path) -> None:
    write_audit(faulty / "scan", faulty / "images", tmp_path / "again", dataset="pets")
    assert files(tmp_path / "again") == files(faulty / "audit")
    assert set(files(faulty / "audit")) == {
        "audit.json", "index.html", "balance.png", "distributions.png", "contact/cat.jpg", "contact/dog.jpg",
        "found/exact.jpg", "found/near.jpg", "found/conflicts.jpg", "found/blank.jpg",
    }  # fmt: skip


def test_thumbnails_are_the_photos_own_images_in_their_proportions(faulty: Path) -> None:
    from warmstart.audit.scan import read_scan

    scan = read_scan(faulty / "scan")
    row = scan.paths.index("cat/0040.jpg")
    find_thumbnail = prepared_thumbnails(scan, faulty / "images", {"cat/0040.jpg", "cat/0031.jpg", "cat/<b>30.jpg"})
    pixels = find_thumbnail("cat/0040.jpg")
    assert pixels is not None and (pixels == row).all() and max(pixels.shape) == SIZE
    ratio = scan.numbers["width"][row] / scan.numbers["height"][row]
    assert pixels.shape[1] / pixels.shape[0] == pytest.approx(ratio, rel=0.05)
    copy = find_thumbnail("cat/0031.jpg")
    assert copy is not None and (copy == 30).all()
    assert find_thumbnail("cat/0000.jpg") is None
    assert unsquashed(np.zeros((40, 40, 1), np.uint8), 4000, 10).shape == (10, 40, 1)


def test_channels_are_those_of_the_training_images(tmp_path: Path) -> None:
    write_images(
        tmp_path,
        [{"path": str(i), "class": "cat", "split": split} for i, split in enumerate(("train", "train", "val", "test"))],
    )
    assert channel_statistics(tmp_path) == ChannelStatistics(n=2, mean=[0.002] * 3, std=[0.002] * 3)
    assert evenly_spaced(5, 9).tolist() == [0, 1, 2, 3, 4] and evenly_spaced(100, 3).tolist() == [0, 50, 99]


def test_before_anything_is_prepared_there_are_no_photos_to_show(faulty: Path, tmp_path: Path) -> None:
    write_audit(faulty / "scan", None, tmp_path / "audit", dataset="pets")
    assert set(files(tmp_path / "audit")) == {"audit.json", "index.html", "balance.png", "distributions.png"}


def test_photos_of_which_nothing_was_prepared_can_be_shown_from_elsewhere(faulty: Path, tmp_path: Path) -> None:
    asked: list[str] = []

    def thumbnail(path: str) -> np.ndarray:
        asked.append(path)
        return np.full((30, 40, 3), 200, np.uint8)

    write_audit(faulty / "scan", None, tmp_path / "audit", dataset="pets", thumbnails=thumbnail)
    assert {"contact/cat.jpg", "found/conflicts.jpg"} <= set(files(tmp_path / "audit"))
    asked.clear()
    write_audit(faulty / "scan", faulty / "images", tmp_path / "audit", dataset="pets", thumbnails=thumbnail)
    assert set(asked) == {"cat/0000.jpg"}


def test_of_many_classes_a_bounded_number_is_on_the_page(tmp_path: Path) -> None:
    classes = (*(f"class {i}" for i in range(24)), "a/b")
    rows = clean_rows(8, classes)
    write_scan(tmp_path / "scan", rows, classes)
    write_audit(tmp_path / "scan", write_images(tmp_path / "images", rows, classes), tmp_path / "audit", dataset="pets")
    sheets = [name for name in files(tmp_path / "audit") if name.startswith("contact/")]
    assert len(sheets) == 25 and "contact/024_a_b.jpg" in sheets
    page = (tmp_path / "audit/index.html").read_text()
    assert page.count('alt="Some photos of') == 20 and "5 more classes" in page


@pytest.mark.parametrize("kind", ["arrays", "drawn"])
def test_images_without_files_have_a_page_too(tmp_path: Path, kind: str) -> None:
    rows: list[dict[str, Any]] = [
        {**row, **dict.fromkeys(("width", "height", "brightness", "bytes"), "")} for row in clean_rows(10)
    ]
    write_scan(tmp_path / "scan", rows, kind=kind)
    write_audit(tmp_path / "scan", write_images(tmp_path / "images", rows), tmp_path / "audit", dataset="pets")
    assert set(files(tmp_path / "audit")) == {
        "audit.json",
        "index.html",
        "balance.png",
        "contact/cat.jpg",
        "contact/dog.jpg",
    }
    page = (tmp_path / "audit/index.html").read_text()
    assert "Sizes and light" not in page and "give the class away" not in page
    with Image.open(tmp_path / "audit/contact/cat.jpg") as image:
        assert np.asarray(image).std() > 10


def test_a_scan_of_another_dataset_is_refused_and_the_old_audit_kept(faulty: Path) -> None:
    before = files(faulty / "audit")
    with pytest.raises(UserError, match="is a scan of pets, not of birds"):
        write_audit(faulty / "scan", None, faulty / "audit", dataset="birds")
    assert files(faulty / "audit") == before


def test_checks_and_summary_need_neither_torch_nor_matplotlib() -> None:
    modules = ", ".join(f"warmstart.audit.{name}" for name in ("checks.registry", "text_summary", "write_audit"))
    code = f"import sys, {modules}; print({{'torch', 'matplotlib'}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT / "src", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
