"""Each fault, planted alone in a clean scan, is found, named, and nothing else with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scans import clean_rows, left_out, write_scan
from warmstart.audit.checks.copies import near
from warmstart.audit.checks.registry import CHECKS
from warmstart.audit.messages import message
from warmstart.audit.scan import read_scan
from warmstart.audit.text_summary import summary_lines
from warmstart.errors import UserError
from warmstart.records.audit import AuditReport, ClassBalance, FindingRecord, PhotoCounts

Rows = list[dict[str, Any]]
FIRST, SECOND, OTHER = "cat/0000.jpg", "cat/0001.jpg", "dog/0000.jpg"


def test_a_clean_scan_gives_no_finding(audited: Callable[..., AuditReport]) -> None:
    report = audited(clean_rows())
    assert report.findings == []
    assert report.verdict == "Nothing wrong was found"
    assert len(report.passed) == 20
    assert report.counts == PhotoCounts(candidates=800, used=800, unused=0, left_out=0, other_files=0)
    assert report.balance[0] == ClassBalance("cat", train=240, val=80, test=80, unused=0, left_out=0)


def changed(rows: Rows, **values: Any) -> None:
    rows[0] |= values


HEIC = {"skipped": [{"path": "cat/a.heic", "reason": "no decoder"}]}
THUMBS = {"skipped": [{"path": "cat/Thumbs.db", "reason": "not an image file"}]}
NEAR = {"near": [{"a": FIRST, "b": SECOND, "distance": 3, "mirrored": True}]}
LEAK = {"a": FIRST, "b": SECOND, "splits": ["train", "test"], "kind": "near"}
CORRECTED = {"file": "c.csv", "changed": [{"path": FIRST, "from": "cat", "to": "dog"}], "dropped": [SECOND]}
# Finding, severity, what is done to the rows, what scan.json says, and the paths of its cases.
PLANTED: list[tuple[str, str, Callable[[Rows], None], dict[str, Any], list[list[str]]]] = [
    ("unreadable", "look", lambda r: left_out(r[0], "empty file"), {}, [[FIRST]]),
    ("truncated", "look", lambda r: left_out(r[0], "image file is truncated (30 bytes not processed)"), {}, [[FIRST]]),
    ("not_images", "look", lambda r: left_out(r[0], "not an image"), {}, [[FIRST]]),
    ("no_decoder", "look", lambda r: left_out(r[0], "not an image", path="cat/a.HEIC"), {}, [["cat/a.HEIC"]]),
    ("no_decoder", "look", lambda r: None, HEIC, [["cat/a.heic"]]),
    ("no_decoder", "look", lambda r: left_out(r[0], "HEIC, which needs pillow-heif"), {}, [[FIRST]]),
    ("skipped", "fine", lambda r: None, THUMBS, [["cat/Thumbs.db"]]),
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
    ("exact", "fine", lambda r: left_out(r[1], "copy", readable=True), {"exact": [[FIRST, SECOND]]}, [[FIRST, SECOND]]),
    ("near", "fine", lambda r: r[1].update(unit=0), NEAR, [[FIRST, SECOND]]),
    ("conflicts", "look", lambda r: None, {"conflicts": [[FIRST, OTHER]]}, [[FIRST, OTHER]]),
    ("leaks", "stop", lambda r: None, {"leaks": [LEAK], "on_leak": "allow"}, [[FIRST, SECOND]]),
    ("leaks", "fine", lambda r: None, {"leaks": [{**LEAK, "kind": "exact"}], "on_leak": "drop"}, [[FIRST, SECOND]]),
    ("corrections", "fine", lambda r: None, {"corrections": CORRECTED}, [[FIRST], [SECOND]]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "severity", "plant", "record", "paths"),
    PLANTED,
    ids=[f"{number}-{item[0]}" for number, item in enumerate(PLANTED)],
)
def test_a_planted_fault_is_found_and_nothing_else(
    audited: Callable[..., AuditReport],
    key: str,
    severity: str,
    plant: Callable[[Rows], None],
    record: dict[str, Any],
    paths: list[list[str]],
) -> None:
    rows = clean_rows()
    plant(rows)
    (finding,) = audited(rows, **record).findings
    assert (finding.key, finding.severity) == (key, severity)
    assert [item.paths for item in finding.items] == paths
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
    audited: Callable[..., AuditReport], side: int, size: int, key: str | None
) -> None:
    rows = clean_rows()
    changed(rows, width=side, height=60, sharpness=-1 if key == "tiny" else 2.5)
    assert [finding.key for finding in audited(rows, size=size).findings] == ([key] if key else [])


def test_corrected_photos_count_for_the_class_that_they_were_given(audited: Callable[..., AuditReport]) -> None:
    applied = {**CORRECTED, "dropped": []}
    assert [row.train for row in audited(clean_rows(), corrections=applied).balance] == [239, 241]


def test_severity_grows_with_the_share(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows(120)
    for row in rows[:26] + rows[120:146]:
        left_out(row, "empty file")
    for row in rows[40:43]:
        row |= {"width": 900, "height": 100}
    report = audited(rows, folds=5)
    assert {finding.key: finding.severity for finding in report.findings} == {
        "unreadable": "stop",
        "extreme_aspect": "look",
    }
    assert report.verdict == "1 problem to solve before you train, and 1 more to look at"


def test_near_copies_that_are_not_kept_together_are_severe(audited: Callable[..., AuditReport]) -> None:
    pairs = [{"a": FIRST, "b": SECOND, "distance": 3, "mirrored": False}]
    (finding,) = audited(clean_rows(), near=pairs).findings
    assert finding.severity == "look" and finding.figures["apart"] == 1
    assert says(finding, "near/apart", apart=1)


@pytest.mark.parametrize(("copies", "crowded"), [(150, False), (170, True)])
def test_a_finder_that_finds_too_much_is_reported_not_to_suit(
    audited: Callable[..., AuditReport], copies: int, crowded: bool
) -> None:
    rows = clean_rows()
    for row in rows[:copies]:
        row["unit"] = 0
    pairs = [{"a": FIRST, "b": rows[i]["path"], "distance": 3, "mirrored": False} for i in range(1, copies)]
    finding = next(f for f in audited(rows, near=pairs).findings if f.key == "near")
    assert says(finding, "near/crowded" if crowded else "near", groups=1, largest=copies)
    assert finding.severity == "look" and finding.figures["largest"] == copies


@pytest.mark.parametrize("mode", ["I;16", "RGB;16", "F"])
def test_what_decoding_has_flattened_is_not_to_be_deleted(audited: Callable[..., AuditReport], mode: str) -> None:
    rows = clean_rows()
    for row in rows:
        row |= {"mode": mode, "contrast": 0.01, "brightness": 0.03, "sharpness": -1}
    report = audited(rows)
    keys = [finding.key for finding in report.findings]
    assert "flattened" in keys and "blank" not in keys
    modes = next(finding for finding in report.findings if finding.key == "modes")
    assert says(modes, "modes/all_one", listed=modes.meaning.removeprefix("Converted: ")[:-1])


def test_how_the_folders_were_read_is_reported(audited: Callable[..., AuditReport]) -> None:
    (finding,) = audited(clean_rows(), notes=["training_set is read as train", "b"]).findings
    assert finding.severity == "fine" and says(finding, "understood", notes="training_set is read as train; b")


def test_uneven_classes(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows(600)
    rows = rows[:600] + rows[600:780]
    (finding,) = audited(rows).findings
    assert finding.key == "imbalance" and finding.figures == {"ratio": 3.333}
    assert [item.note for item in finding.items] == ["dog: 180", "cat: 600"]
    assert audited(rows[:530] + rows[600:]).findings == []


def test_a_small_test_set_has_its_interval_and_a_remedy(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows(100)
    (finding,) = audited(rows).findings
    assert finding.key == "small_test" and "--folds 5" in finding.remedy
    assert "--folds" not in audited(rows, ready_made=True).findings[0].remedy
    assert finding.figures == {"n": 40, "low": 0.7695, "high": 0.9604}
    assert audited(rows, folds=5).findings == []


def test_before_anything_is_drawn_a_fifth_is_taken_for_the_test(audited: Callable[..., AuditReport]) -> None:
    rows = [{**row, "fate": "unused", "split": ""} for row in clean_rows(100)]
    (finding,) = audited(rows).findings
    assert finding.figures["n"] == 40


def test_classes_with_next_to_nothing(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows()
    few = audited(rows[:400] + rows[400:425], folds=5).findings
    assert [finding.key for finding in few] == ["imbalance", "few_images"]
    assert [item.note for item in few[1].items] == ["dog: 15"] and few[1].count == 15


@pytest.mark.parametrize("kind", ["arrays", "drawn"])
def test_images_that_were_no_files_have_no_faults_of_files(audited: Callable[..., AuditReport], kind: str) -> None:
    rows = [
        {**row, **dict.fromkeys(("bytes", "width", "format", "mode", "brightness", "contrast"), "")}
        for row in clean_rows(50)
    ]
    report = audited(rows, kind=kind)
    assert [finding.key for finding in report.findings] == ["small_test"]
    assert len(report.passed) == (5 if kind == "arrays" else 2) and not report.distributions and not report.properties
    assert ("data.test" in report.findings[0].remedy) == (kind == "drawn")


def test_published_sets_keep_their_copies(audited: Callable[..., AuditReport]) -> None:
    report = audited(clean_rows(), kind="arrays", exact=[[FIRST, SECOND]], leaks=[LEAK], on_leak="allow")
    assert {finding.key: finding.severity for finding in report.findings} == {"leaks": "look", "exact": "fine"}
    assert says(report.findings[0], "leaks/published") and says(report.findings[1], "exact/published")


def test_near_copies_that_nobody_looked_for_are_not_reported_as_absent(audited: Callable[..., AuditReport]) -> None:
    assert set(audited(clean_rows(), near=[]).passed) - set(audited(clean_rows(), near=None).passed) == {
        next(check.passed for check in CHECKS if check.find is near)
    }


def test_whether_contradicting_copies_are_used(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows()
    (finding,) = audited(rows, conflicts=[[FIRST, OTHER]]).findings
    assert says(finding, "conflicts/used", used=2)
    for row in (rows[0], rows[400]):
        left_out(row, "the same photo, under another label", readable=True)
    (finding,) = audited(rows, conflicts=[[FIRST, OTHER]]).findings
    assert says(finding, "conflicts")


def test_the_summary_says_what_was_found_and_what_to_do(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows()
    left_out(rows[0], "empty file")
    text = "\n".join(summary_lines(audited(rows, skipped=[{"path": "cat/Thumbs.db", "reason": "not an image file"}])))
    assert text.startswith("800 photos in 2 classes: cat 399 and dog 400")
    for part in ("1 finding to look at", "cat/0000.jpg (empty file)", "→ Fetch", "1 other file lies"):
        assert part in text
    assert summary_lines(audited(clean_rows()))[-1] == "Nothing wrong was found."


def test_names_are_never_read_as_templates(audited: Callable[..., AuditReport]) -> None:
    names = ("{n}", "[a|b]")
    rows = clean_rows(600, names)
    (finding,) = audited(rows[:600] + rows[600:780], classes=names).findings
    assert "{n} (600), [a|b] (180)" in finding.title


def test_a_scan_that_is_not_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="dvc repro prepare"):
        read_scan(tmp_path)
    folder = write_scan(tmp_path / "scan", [])
    (folder / "photos.csv").write_text("path,class\n")
    with pytest.raises(UserError, match="no column 'split'"):
        read_scan(folder)
    (folder / "photos.csv").unlink()
    with pytest.raises(UserError, match="dvc repro prepare"):
        read_scan(folder)


def says(finding: FindingRecord, kind: str, **values: float | str) -> bool:
    """Whether a finding of one case has the sentences of that kind."""
    sentences = message(kind, 1, **values)
    return (finding.meaning, finding.remedy) == (sentences.meaning, sentences.remedy)
