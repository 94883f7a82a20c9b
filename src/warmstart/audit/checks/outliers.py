"""Photos unlike the others: the darkest, the brightest, the most blurred, and those with nothing on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from warmstart.audit.checks.shapes import is_deep, is_tiny
from warmstart.audit.findings import find_photos
from warmstart.audit.scan import Scan
from warmstart.records.audit import FindingRecord

MAX_ROBUST_Z = 3.5
MIN_CONTRAST = 0.02  # standard deviation of the grey values, below which a photo is blank


def blank(scan: Scan) -> Iterator[FindingRecord]:
    """Photos of one plain colour."""
    return _plain(scan, "blank", ~is_deep(scan), lambda row: "")


def flattened(scan: Scan) -> Iterator[FindingRecord]:
    """Photos of more than 8 bits a value of which 8 bits show next to nothing; the file may hold the whole picture."""
    return _plain(scan, "flattened", is_deep(scan), lambda row: f"{scan.words['mode'][row]}, ")


def dark(scan: Scan) -> Iterator[FindingRecord]:
    """The darkest photos."""
    return _outliers(scan, "dark", "brightness", -1)


def bright(scan: Scan) -> Iterator[FindingRecord]:
    """The brightest photos."""
    return _outliers(scan, "bright", "brightness", 1)


def blurred(scan: Scan) -> Iterator[FindingRecord]:
    """The most blurred photos."""
    return _outliers(scan, "blurred", "sharpness", -1)


def robust_z(values: np.ndarray) -> np.ndarray:
    """How far each value is from the median, in standard deviations estimated by the median absolute deviation; zeros
    where most values are the same. NaN stays NaN.

    Source: B. Iglewicz and D. C. Hoaglin, "How to detect and handle outliers" (1993), who call 3.5 an outlier.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return np.full_like(values, np.nan)
    median = np.median(known)
    deviation = np.median(np.abs(known - median))
    return np.zeros_like(values) if deviation == 0 else 0.6745 * (values - median) / deviation


def _plain(scan: Scan, kind: str, mask: np.ndarray, prefix: Callable[[int], str]) -> Iterator[FindingRecord]:
    """Photos in ``mask`` without contrast. prefix: of a photo's note, by its row."""
    contrast, brightness = scan.numbers["contrast"], scan.numbers["brightness"]
    return find_photos(
        scan,
        scan.usable & (contrast < MIN_CONTRAST) & mask,
        kind=kind,
        note=lambda row: f"{prefix(row)}brightness {brightness[row]:.2f} of 1",
        severity="look",
        order=contrast,
    )


def _outliers(scan: Scan, kind: str, measure: str, sign: int) -> Iterator[FindingRecord]:
    # Blank and tiny photos have findings of their own.
    considered = scan.usable & (scan.numbers["contrast"] >= MIN_CONTRAST) & ~is_tiny(scan)
    values = np.where(considered, scan.numbers[measure], np.nan)
    known = values[np.isfinite(values)]
    z = sign * robust_z(values)
    return find_photos(
        scan,
        z > MAX_ROBUST_Z,
        kind=kind,
        note=lambda row: f"{measure} {values[row]:.2f}",
        severity="fine",
        order=-z,
        limit=MAX_ROBUST_Z,
        measure=measure,
        median=float(np.median(known)) if len(known) else 0.0,
    )
