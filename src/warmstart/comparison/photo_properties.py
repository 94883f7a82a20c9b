"""What was measured of the test photos when they were prepared, by which a recipe's mistakes can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from warmstart.audit.properties import properties
from warmstart.audit.scan import Scan, read_scan
from warmstart.records.audit import AuditReport
from warmstart.records.photos import PhotoRow

NUMBERS = ("brightness", "sharpness", "size", "aspect", "bytes")
SOURCES = {"size": ("width", "height")}  # what the audit measures, where not under the same name


@dataclass(frozen=True)
class PhotoProperties:
    """Of N photos. numbers: float64 (N,), NaN where unknown: brightness in [0, 1], sharpness as the logarithm of the
    variance of the Laplacian, size in pixels, aspect as width over height, bytes in kB. kinds: text (N,), empty where
    unknown: file format, mode, group. spurious: properties that give the class away, by the audit.
    """

    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    kinds: dict[str, np.ndarray] = field(default_factory=dict)
    spurious: frozenset[str] = frozenset()


def read_photo_properties(root: Path, paths: Sequence[str]) -> PhotoProperties:
    """The properties of the photos ``paths``, in this order, from ``scan`` and ``audit`` in a dataset's folder; none
    where there is no scan, none spurious where there is no audit. Raises UserError for damaged files.
    """
    if not (root / "scan" / "scan.json").exists():
        return PhotoProperties()
    scan = read_scan(root / "scan")
    place = {path: row for row, path in enumerate(scan.paths)}
    rows = np.array([place.get(path, -1) for path in paths], dtype=np.int64)
    known = rows >= 0
    numbers = {name: np.where(known, column[rows], np.nan) for name, column in _numbers(scan).items()}
    groups = np.array([group for (group,) in PhotoRow.iter_columns(root / "scan" / "photos.csv", "group")])
    kinds = {name: np.where(known, column[rows], "") for name, column in {**scan.words, "group": groups}.items()}
    return PhotoProperties(numbers, kinds, _spurious(root / "audit" / "audit.json"))


def _numbers(scan: Scan) -> dict[str, np.ndarray]:
    measured = properties(scan)
    if {"width", "height"} <= measured.keys():
        measured["size"] = measured["width"] * measured["height"]
    return {name: measured[name] for name in NUMBERS if name in measured}


def _spurious(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    found = {one.property for one in AuditReport.read(path).properties if one.severity != "fine"}
    names = (*NUMBERS, "format", "mode")
    return frozenset(name for name in names if found & set(SOURCES.get(name, (name,))))
