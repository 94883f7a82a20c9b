"""Shortcuts: a property of the file or of the light that predicts the class without the picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from warmstart.audit.findings import Finding, item
from warmstart.audit.properties import DISPLAY_NAMES
from warmstart.audit.property_reports import PropertyReport, property_reports
from warmstart.audit.scan import Scan
from warmstart.audit.shortcut_messages import comparison, shortcut

# Properties that have one cause as a rule are one finding, by the strongest of them.
PROPERTY_GROUPS = (
    ("brightness", "red", "green", "blue", "saturation", "contrast", "sharpness"),
    ("width", "height", "aspect", "bytes", "bytes_per_pixel", "format", "mode"),
    ("near_copies",),
)


def shortcuts(scan: Scan) -> Iterator[Finding]:
    """Properties that alone predict the class, beyond chance and by enough to matter."""
    reports = [report for report in property_reports(scan) if report.severity != "fine"]
    for group in PROPERTY_GROUPS:
        if own := [report for report in reports if report.name in group]:
            yield _finding(scan, own)


def _finding(scan: Scan, reports: list[PropertyReport]) -> Finding:
    reports.sort(key=lambda report: (-report.best.effect if report.auroc_significant else 0.0, -report.gain))
    first, accuracy = reports[0], reports[0].accuracy
    most_frequent = scan.classes[int(np.bincount(scan.labels[scan.usable]).argmax())]
    return Finding(
        kind=f"shortcut/{first.name}",
        severity=first.severity,
        count=first.n,
        of=first.n,
        message=shortcut(reports, scan.classes, most_frequent),
        items=[
            item(note=f"{DISPLAY_NAMES[one.name]}: {comparison(one, scan.classes)} (AUROC {_above_half(one):.2f})")
            for one in reports
        ],
        metrics={
            "property": first.name,
            "auroc": round(first.best.auroc, 4),
            "accuracy": None if accuracy is None else round(accuracy, 4),
        },
    )


def _above_half(report: PropertyReport) -> float:
    return max(report.best.auroc, 1 - report.best.auroc)
