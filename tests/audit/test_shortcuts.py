"""Properties that give the class away: found where they do, not where they do not, and with the right direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scans import clean_rows
from warmstart.audit.property_reports import cross_validated_accuracy
from warmstart.audit.shortcut_messages import FEW_SCENES
from warmstart.records.audit import AuditReport


def test_dark_cats_are_found(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows()
    for row in rows[:400]:
        row["brightness"] *= 0.8
    (finding,) = audited(rows).findings
    assert (finding.key, finding.severity) == ("shortcut/brightness", "look")
    assert finding.title.endswith("photos of dog are brighter than those of cat") and finding.count == finding.of == 800
    best = audited(rows).properties[0]
    assert (best.property, best.class_name, best.n) == ("brightness", "dog", 800) and best.low < best.auroc < best.high
    assert best.accuracy and best.accuracy > best.majority == 0.5
    assert finding.figures == {"property": "brightness", "auroc": best.auroc, "accuracy": best.accuracy}


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        ({"width": 100, "height": 100}, "shortcut/width", "photos of cat|photos of dog are wider"),
        ({"format": "PNG", "path": "{}.png"}, "shortcut/format", "more often PNG|less often JPEG|more often JPEG"),
        ({"mode": "L"}, "shortcut/mode", "often"),
        ({"sharpness": 1.0}, "shortcut/sharpness", "sharper"),
    ],
)
def test_a_class_from_another_source_must_be_settled_first(
    audited: Callable[..., AuditReport], change: dict[str, Any], key: str, words: str
) -> None:
    rows = clean_rows()
    for row in rows[:400]:
        row |= {name: value.format(row["path"][:-4]) if name == "path" else value for name, value in change.items()}
    finding = next(finding for finding in audited(rows).findings if finding.severity == "stop")
    assert finding.key == key and any(word in finding.title for word in words.split("|"))


def test_what_has_one_cause_is_one_finding(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows()
    for row in rows[:400]:
        row |= {name: 0.4 * row[name] for name in ("brightness", "red", "green", "blue", "contrast")}
    (finding,) = audited(rows).findings
    assert len(finding.items) == 5


def test_values_of_its_own_are_found_though_no_class_has_more(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows()
    for number, row in enumerate(rows):
        row["saturation"] = 0.4 if number < 400 else (0.3, 0.5)[number % 2]
    (finding,) = audited(rows).findings
    assert finding.key == "shortcut/saturation" and "its own values" in finding.title


def test_thousands_of_photos_do_not_alarm_on_trifles(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows(2500)
    for row in rows[:2500]:
        row["brightness"] -= 0.04
    report = audited(rows)
    assert report.findings == []
    assert report.properties[0].beyond_chance and report.properties[0].severity == "fine"


def test_a_handful_of_photos_do_not_alarm_by_chance(audited: Callable[..., AuditReport]) -> None:
    keys = {finding.key for finding in audited(clean_rows(12), folds=5).findings}
    assert not [key for key in keys if key.startswith("shortcut")]


def test_one_odd_class_of_many_is_named(audited: Callable[..., AuditReport]) -> None:
    classes = tuple("abcdefghij")
    rows = clean_rows(100, classes)
    assert audited(rows, classes=classes).findings == []
    for row in rows[200:300]:
        row["brightness"] = 0.25 + 0.1 * row["brightness"]
    (finding,) = audited(rows, classes=classes).findings
    assert finding.severity == "stop" and finding.title.endswith("photos of c are darker than the others")


def test_near_copies_of_one_class(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows()
    near = [
        {"a": f"cat/{i:04d}.jpg", "b": f"cat/{i + 1:04d}.jpg", "distance": 1, "mirrored": False}
        for i in range(0, 300, 2)
    ]
    for i in range(1, 300, 2):
        rows[i]["unit"] = rows[i - 1]["unit"]
    finding = next(f for f in audited(rows, near=near).findings if f.key == "shortcut/near_copies")
    assert "photos of dog less often have a near copy" in finding.title


def test_accuracy_is_counted_on_photos_that_the_rule_did_not_see() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    assert cross_validated_accuracy(rng.normal(size=400), labels, np.arange(400), 2, categorical=False) < 0.58
    assert cross_validated_accuracy(labels + 0.0, labels, np.arange(400), 2, categorical=True) == 1
    # A hundred copies of each of four photos say nothing of others: copies stay on one side.
    units = np.arange(400) // 100
    assert cross_validated_accuracy(units + 0.0, (units % 2).astype(int), units, 2, categorical=True) <= 0.5


def test_of_a_scene_a_class_nothing_is_said_that_was_not_measured(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows(30)
    for number, row in enumerate(rows):
        row |= {"unit": 0 if number < 30 else 30, "brightness": (0.3 if number < 30 else 0.6) + 0.001 * (number % 30)}
    report = audited(rows, folds=5)
    finding = next(f for f in report.findings if f.key == "shortcut/brightness")
    assert finding.meaning.startswith(FEW_SCENES) and finding.figures["accuracy"] is None
    assert all(row.accuracy is None for row in report.properties)


def test_with_units_enough_what_is_right_by_it_is_measured(audited: Callable[..., AuditReport]) -> None:
    rows = clean_rows(30)
    for number, row in enumerate(rows):
        row |= {"unit": number // 6, "brightness": (0.3 if number < 30 else 0.6) + 0.001 * (number % 30)}
    finding = next(f for f in audited(rows, folds=5).findings if f.key == "shortcut/brightness")
    assert finding.figures["accuracy"] > 0.5 and not finding.meaning.startswith(FEW_SCENES)
