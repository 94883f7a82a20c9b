"""Each fault, planted alone in a clean scan, is found, named, and nothing else with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scans import clean_rows, left_out, write_scan
from warmstart.audit.findings import Findings
from warmstart.audit.scan import read_scan
from warmstart.audit.summary import summary_lines
from warmstart.errors import UserError

Rows = list[dict[str, Any]]
FIRST, SECOND, OTHER = "cat/0000.jpg", "cat/0001.jpg", "dog/0000.jpg"


def test_a_clean_scan_gives_no_finding(found: Callable[..., Findings]) -> None:
    findings = found(clean_rows())
    assert findings.found == []
    assert findings.verdict == "Nothing wrong was found"
    assert len(findings.passed) == 20
    assert findings.counts == {"candidates": 800, "used": 800, "unused": 0, "left_out": 0, "other_files": 0}
    assert findings.balance[0] == {"class": "cat", "train": 240, "val": 80, "test": 80, "unused": 0, "left_out": 0}


def changed(rows: Rows, **values: Any) -> None:
    rows[0] |= values


# Finding, severity, what is done to the rows, what scan.json says, and the paths of its cases.
PLANTED: list[tuple[str, str, Callable[[Rows], None], dict[str, Any], list[list[str]]]] = [
    ("unreadable", "look", lambda r: left_out(r[0], "empty file"), {}, [[FIRST]]),
    ("truncated", "look", lambda r: left_out(r[0], "image file is truncated (30 bytes not processed)"), {}, [[FIRST]]),
    ("not_images", "look", lambda r: left_out(r[0], "not an image"), {}, [[FIRST]]),
    ("no_decoder", "look", lambda r: left_out(r[0], "not an image", path="cat/a.HEIC"), {}, [["cat/a.HEIC"]]),
    ("no_decoder", "look", lambda r: None, {"skipped": [{"path": "cat/a.heic", "reason": "no decoder"}]}, [["cat/a.heic"]]),
    ("no_decoder", "look", lambda r: left_out(r[0], "HEIC, which needs pillow-heif"), {}, [[FIRST]]),
    ("skipped", "fine", lambda r: None, {"skipped": [{"path": "cat/Thumbs.db", "reason": "not an image file"}]}, [["cat/Thumbs.db"]]),
    ("animated", "fine", lambda r: changed(r, format="GIF", frames=7, path="cat/a.gif"), {}, [["cat/a.gif"]]),
    ("wrong_suffix", "fine", lambda r: changed(r, format="PNG"), {}, [[FIRST]]),
    ("extreme_aspect", "fine", lambda r: changed(r, width=400, height=100), {}, [[FIRST]]),
    ("modes", "fine", lambda r: changed(r, mode="CMYK"), {}, [[FIRST]]),
    ("modes", "fine", lambda r: changed(r, mode="I;16"), {}, [[FIRST]]),
    ("modes", "fine", lambda r: changed(r, mode="RGB;16"), {}, [[FIRST]]),
    ("animated", "fine", lambda r: changed(r, format="GIF", mode="P", frames=2, path="cat/b.gif"), {}, [["cat/b.gif"]]),
    ("modes", "fine", lambda r: changed(r, mode="L"), {}, [[FIRST]]),
    ("upscaled", "fine", lambda r: changed(r, width=47, height=60), {}, [[FIRST]]),
    ("blank", "look", lambda r: changed(r, contrast=0.0), {}, [[FIRST]]),
    ("too_large", "look", lambda r: left_out(r[0], "too large to decode: 12000 × 9000 pixels"), {}, [[FIRST]]),
    ("too_large", "look", lambda r: left_out(r[0], "does not fit into memory"), {}, [[FIRST]]),
    ("dark", "fine", lambda r: changed(r, brightness=-0.5), {}, [[FIRST]]),
    ("bright", "fine", lambda r: changed(r, brightness=1.5), {}, [[FIRST]]),
    ("blurred", "fine", lambda r: changed(r, sharpness=-1), {}, [[FIRST]]),
    ("exact", "fine", lambda r: left_out(r[1], f"the same file as {FIRST}", readable=True), {"exact": [[FIRST, SECOND]]}, [[FIRST, SECOND]]),
    ("near", "fine", lambda r: r[1].update(unit=0), {"near": [{"a": FIRST, "b": SECOND, "distance": 3, "mirrored": True}]}, [[FIRST, SECOND]]),
    ("conflicts", "look", lambda r: None, {"conflicts": [[FIRST, OTHER]]}, [[FIRST, OTHER]]),
    (
        "leaks", "stop", lambda r: None, {"leaks": [{"a": FIRST, "b": SECOND, "splits": ["train", "test"], "kind": "near"}], "on_leak": "allow"},
        [[FIRST, SECOND]],
    ),
    (
        "leaks", "fine", lambda r: None, {"leaks": [{"a": FIRST, "b": SECOND, "splits": ["train", "test"], "kind": "exact"}], "on_leak": "drop"},
        [[FIRST, SECOND]],
    ),
    (
        "corrections", "fine", lambda r: None,
        {"corrections": {"file": "c.csv", "changed": [{"path": FIRST, "from": "cat", "to": "dog"}], "dropped": [SECOND]}}, [[FIRST], [SECOND]],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "severity", "plant", "record", "paths"),
    PLANTED,
    ids=[f"{number}-{item[0]}" for number, item in enumerate(PLANTED)],
)
def test_a_planted_fault_is_found_and_nothing_else(
    found: Callable[..., Findings],
    key: str,
    severity: str,
    plant: Callable[[Rows], None],
    record: dict[str, Any],
    paths: list[list[str]],
) -> None:
    rows = clean_rows()
    plant(rows)
    (finding,) = found(rows, **record).found
    assert (finding.key, finding.severity) == (key, severity)
    assert [list(item.paths) for item in finding.items] == paths
    assert 0 < finding.count < finding.of and finding.meaning and finding.remedy
    if len(paths) == 1 == len(paths[0]):  # of one photo nothing is said as of many
        assert not re.search(
            r"\b(they|their|them|these|those|all of)\b",
            f"{finding.title} {finding.meaning} {finding.remedy}",
            re.IGNORECASE,
        )
    # Advice is in the words of the command, which is what a person has typed.
    assert not re.search(r"(?<!--set )(?<![\w.])[a-z_.]+=", finding.remedy) and "data.folds" not in finding.remedy


@pytest.mark.parametrize(
    ("side", "size", "key"), [(31, 32, "tiny"), (37, 150, "tiny"), (38, 150, "upscaled"), (32, 32, None)]
)
def test_a_photo_is_tiny_by_itself_or_for_the_training_size(
    found: Callable[..., Findings], side: int, size: int, key: str | None
) -> None:
    rows = clean_rows()
    changed(rows, width=side, height=60, sharpness=-1 if key == "tiny" else 2.5)
    assert [finding.key for finding in found(rows, size=size).found] == ([key] if key else [])


def test_corrected_photos_count_for_the_class_that_they_were_given(found: Callable[..., Findings]) -> None:
    told = {"file": "c.csv", "changed": [{"path": FIRST, "from": "cat", "to": "dog"}], "dropped": []}
    assert [row["train"] for row in found(clean_rows(), corrections=told).balance] == [239, 241]


def test_severity_grows_with_the_share(found: Callable[..., Findings]) -> None:
    rows = clean_rows(120)
    for row in rows[:26] + rows[120:146]:
        left_out(row, "empty file")
    for row in rows[40:43]:
        row |= {"width": 900, "height": 100}
    findings = found(rows, folds=5)
    assert {finding.key: finding.severity for finding in findings.found} == {
        "unreadable": "stop",
        "extreme_aspect": "look",
    }
    assert findings.verdict == "1 problem to solve before you train, and 1 more to look at"


def test_near_copies_that_are_not_kept_together_are_said(found: Callable[..., Findings]) -> None:
    (finding,) = found(clean_rows(), near=[{"a": FIRST, "b": SECOND, "distance": 3, "mirrored": False}]).found
    assert finding.severity == "look" and "data.near_duplicates" in finding.remedy


@pytest.mark.parametrize(("copies", "crowded"), [(150, False), (170, True)])
def test_a_finder_that_finds_too_much_is_said_not_to_suit(
    found: Callable[..., Findings], copies: int, crowded: bool
) -> None:
    rows = clean_rows()
    for row in rows[:copies]:
        row["unit"] = 0
    near = [{"a": FIRST, "b": rows[i]["path"], "distance": 3, "mirrored": False} for i in range(1, copies)]
    finding = next(f for f in found(rows, near=near).found if f.key == "near")
    assert (
        "--set data.near_duplicates=false" in finding.remedy and f"largest of {copies} photos" in finding.meaning
    ) == crowded
    assert finding.severity == "look" and finding.figures["largest"] == copies


@pytest.mark.parametrize("mode", ["I;16", "RGB;16", "F"])
def test_what_decoding_has_flattened_is_not_to_be_deleted(found: Callable[..., Findings], mode: str) -> None:
    rows = clean_rows()
    for row in rows:
        row |= {"mode": mode, "contrast": 0.01, "brightness": 0.03, "sharpness": -1}
    findings = found(rows)
    keys = [finding.key for finding in findings.found]
    assert "flattened" in keys and "blank" not in keys
    assert not any("elete" in finding.remedy for finding in findings.found)
    modes = next(finding for finding in findings.found if finding.key == "modes")
    assert "rest" not in modes.title and modes.title.startswith("All photos")


def test_how_the_folders_were_read_is_said(found: Callable[..., Findings]) -> None:
    (finding,) = found(clean_rows(), notes=["training_set is read as train"]).found
    assert (
        finding.severity == "fine"
        and "training_set is read as train" in finding.title
        and "--set data.layout=classes" in finding.remedy
    )


def test_uneven_classes(found: Callable[..., Findings]) -> None:
    rows = clean_rows(600)
    rows = rows[:600] + rows[600:780]
    (finding,) = found(rows).found
    assert finding.key == "imbalance" and "dog (180)" in finding.title
    assert "--set balance=class_weights" in finding.remedy and "--set balance=balanced_sampling" in finding.remedy
    assert found(rows[:530] + rows[600:]).found == []


def test_a_small_test_set_is_told_its_interval_and_the_way_out(found: Callable[..., Findings]) -> None:
    rows = clean_rows(100)
    (finding,) = found(rows).found
    assert finding.key == "small_test" and "--folds 5" in finding.remedy
    assert finding.figures == {"n": 40, "low": 0.7695, "high": 0.9604}
    assert found(rows, folds=5).found == []


def test_before_anything_is_drawn_a_fifth_is_taken_for_the_test(found: Callable[..., Findings]) -> None:
    rows = [{**row, "fate": "unused", "split": ""} for row in clean_rows(100)]
    (finding,) = found(rows).found
    assert finding.figures["n"] == 40


def test_classes_with_next_to_nothing(found: Callable[..., Findings]) -> None:
    rows = clean_rows()
    few = found(rows[:400] + rows[400:425], folds=5).found
    assert [finding.key for finding in few] == ["imbalance", "few_images"]
    assert "dog (15)" in few[1].title


@pytest.mark.parametrize("kind", ["arrays", "drawn"])
def test_images_that_were_no_files_have_no_faults_of_files(found: Callable[..., Findings], kind: str) -> None:
    rows = [
        {**row, **dict.fromkeys(("bytes", "width", "format", "mode", "brightness", "contrast"), "")}
        for row in clean_rows(50)
    ]
    findings = found(rows, kind=kind)
    assert [finding.key for finding in findings.found] == ["small_test"]
    assert (
        len(findings.passed) == (5 if kind == "arrays" else 2)
        and not findings.distributions
        and not findings.properties
    )
    assert ("data.test" in findings.found[0].remedy) == (kind == "drawn")


def test_published_sets_keep_their_copies(found: Callable[..., Findings]) -> None:
    leak = {"a": FIRST, "b": SECOND, "splits": ["train", "test"], "kind": "exact"}
    findings = found(clean_rows(), kind="arrays", exact=[[FIRST, SECOND]], leaks=[leak], on_leak="allow")
    assert {finding.key: finding.severity for finding in findings.found} == {"leaks": "look", "exact": "fine"}
    assert "All copies stay" in findings.found[1].meaning


def test_near_copies_that_nobody_looked_for_are_not_said_to_be_absent(found: Callable[..., Findings]) -> None:
    assert "no two photos look almost the same" in found(clean_rows(), near=[]).passed
    assert "no two photos look almost the same" not in found(clean_rows(), near=None).passed


def test_whether_contradicting_copies_are_used_is_told_as_it_is(found: Callable[..., Findings]) -> None:
    rows = clean_rows()
    (finding,) = found(rows, conflicts=[[FIRST, OTHER]]).found
    assert "2 copies are used all the same" in finding.meaning
    for row in (rows[0], rows[400]):
        left_out(row, "the same photo, under another label", readable=True)
    (finding,) = found(rows, conflicts=[[FIRST, OTHER]]).found
    assert "Neither copy is used" in finding.meaning


def test_the_summary_says_what_was_found_and_what_to_do(found: Callable[..., Findings]) -> None:
    rows = clean_rows()
    left_out(rows[0], "empty file")
    text = "\n".join(summary_lines(found(rows, skipped=[{"path": "cat/Thumbs.db", "reason": "not an image file"}])))
    assert text.startswith("800 photos in 2 classes: cat 399 and dog 400")
    for part in ("1 finding to look at", "cat/0000.jpg (empty file)", "→ Fetch", "1 other file lies"):
        assert part in text
    assert summary_lines(found(clean_rows()))[-1] == "Nothing wrong was found."


def test_a_scan_that_is_not_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="dvc repro prepare"):
        read_scan(tmp_path)
    folder = write_scan(tmp_path / "scan", [])
    (folder / "photos.csv").write_text("path,class\n")
    with pytest.raises(UserError, match="no column split"):
        read_scan(folder)
    (folder / "photos.csv").unlink()
    with pytest.raises(UserError, match="dvc repro prepare"):
        read_scan(folder)
