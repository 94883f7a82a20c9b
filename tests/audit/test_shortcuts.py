"""Properties that give the class away: found where they do, not where they do not, and told in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scans import clean_rows
from warmstart.audit.findings import Findings
from warmstart.audit.separation import cross_validated


def test_dark_cats_are_found_and_told(found: Callable[..., Findings]) -> None:
    rows = clean_rows()
    for row in rows[:400]:
        row["brightness"] *= 0.8
    (finding,) = found(rows).found
    assert (finding.key, finding.severity) == ("shortcut/brightness", "look")
    assert finding.title.endswith("photos of dog are brighter than those of cat")
    best = found(rows).properties[0]
    assert best["property"] == "brightness" and best["low"] < best["auroc"] < best["high"]
    assert best["accuracy"] > best["majority"] == 0.5
    assert f"{100 * best['accuracy']:.0f} % of 800 photos" in finding.meaning


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
    found: Callable[..., Findings], change: dict[str, Any], key: str, words: str
) -> None:
    rows = clean_rows()
    for row in rows[:400]:
        row |= {name: value.format(row["path"][:-4]) if name == "path" else value for name, value in change.items()}
    finding = next(finding for finding in found(rows).of("stop"))
    assert finding.key == key and any(word in finding.title for word in words.split("|"))


def test_what_has_one_cause_is_one_finding(found: Callable[..., Findings]) -> None:
    rows = clean_rows()
    for row in rows[:400]:
        row |= {name: 0.4 * row[name] for name in ("brightness", "red", "green", "blue", "contrast")}
    (finding,) = found(rows).found
    assert len(finding.items) == 5


def test_values_of_its_own_are_found_though_no_class_has_more(found: Callable[..., Findings]) -> None:
    rows = clean_rows()
    for number, row in enumerate(rows):
        row["saturation"] = 0.4 if number < 400 else (0.3, 0.5)[number % 2]
    (finding,) = found(rows).found
    assert finding.key == "shortcut/saturation" and "its own values" in finding.title


def test_thousands_of_photos_do_not_alarm_on_trifles(found: Callable[..., Findings]) -> None:
    rows = clean_rows(2500)
    for row in rows[:2500]:
        row["brightness"] -= 0.04
    findings = found(rows)
    assert findings.found == []
    assert findings.properties[0]["beyond_chance"] and findings.properties[0]["severity"] == "fine"


def test_a_handful_of_photos_do_not_alarm_by_chance(found: Callable[..., Findings]) -> None:
    keys = {finding.key for finding in found(clean_rows(12), folds=5).found}
    assert not [key for key in keys if key.startswith("shortcut")]


def test_one_odd_class_of_many_is_named(found: Callable[..., Findings]) -> None:
    classes = tuple("abcdefghij")
    rows = clean_rows(100, classes)
    assert found(rows, classes=classes).found == []
    for row in rows[200:300]:
        row["brightness"] = 0.25 + 0.1 * row["brightness"]
    (finding,) = found(rows, classes=classes).found
    assert finding.severity == "stop" and finding.title.endswith("photos of c are darker than the others")


def test_near_copies_of_one_class(found: Callable[..., Findings]) -> None:
    rows = clean_rows()
    near = [
        {"a": f"cat/{i:04d}.jpg", "b": f"cat/{i + 1:04d}.jpg", "distance": 1, "mirrored": False}
        for i in range(0, 300, 2)
    ]
    for i in range(1, 300, 2):
        rows[i]["unit"] = rows[i - 1]["unit"]
    finding = next(f for f in found(rows, near=near).found if f.key == "shortcut/near_copies")
    assert "photos of dog less often have a near copy" in finding.title


def test_accuracy_is_counted_on_photos_that_the_rule_did_not_see() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    assert cross_validated(rng.normal(size=400), labels, np.arange(400), 2, categories=False) < 0.58
    assert cross_validated(labels + 0.0, labels, np.arange(400), 2, categories=True) == 1
    # A hundred copies of each of four photos say nothing of others: copies stay on one side.
    units = np.arange(400) // 100
    assert cross_validated(units + 0.0, (units % 2).astype(int), units, 2, categories=True) <= 0.5


def test_of_a_scene_a_class_nothing_is_said_that_was_not_measured(found: Callable[..., Findings]) -> None:
    rows = clean_rows(30)
    for number, row in enumerate(rows):
        row |= {"unit": 0 if number < 30 else 30, "brightness": (0.3 if number < 30 else 0.6) + 0.001 * (number % 30)}
    findings = found(rows, folds=5)
    finding = next(f for f in findings.found if f.key == "shortcut/brightness")
    assert (
        " 0 %" not in finding.meaning
        and "get the right class" not in finding.meaning
        and "few scenes" in finding.meaning
    )
    assert finding.figures["accuracy"] is None
    assert all(row["accuracy"] is None for row in findings.properties)


def test_with_units_enough_what_is_right_by_it_is_measured(found: Callable[..., Findings]) -> None:
    rows = clean_rows(30)
    for number, row in enumerate(rows):
        row |= {"unit": number // 6, "brightness": (0.3 if number < 30 else 0.6) + 0.001 * (number % 30)}
    finding = next(f for f in found(rows, folds=5).found if f.key == "shortcut/brightness")
    assert finding.figures["accuracy"] > 0.5 and "% of 60 photos get the right class" in finding.meaning
