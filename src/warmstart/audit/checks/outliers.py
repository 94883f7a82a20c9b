"""Photos unlike the others: the darkest, the brightest, the most blurred, and those with nothing on them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from warmstart.audit.checks.shapes import is_deep, is_tiny
from warmstart.audit.findings import Finding, find_photos
from warmstart.audit.scan import Scan

MAX_ROBUST_Z = 3.5
MIN_CONTRAST = 0.02  # standard deviation of the grey values, below which a photo is blank


def blank(scan: Scan) -> Iterator[Finding]:
    """Photos of one plain colour."""
    return find_photos(
        scan,
        _is_plain(scan) & ~is_deep(scan),
        kind="blank",
        note=lambda row: f"brightness {scan.numbers['brightness'][row]:.2f} of 1",
        severity="look",
        order=scan.numbers["contrast"],
    )


def flattened(scan: Scan) -> Iterator[Finding]:
    """Photos of more than 8 bits a value of which 8 bits show next to nothing; the file may hold the whole picture."""
    return find_photos(
        scan,
        _is_plain(scan) & is_deep(scan),
        kind="flattened",
        note=lambda row: f"{scan.words['mode'][row]}, brightness {scan.numbers['brightness'][row]:.2f} of 1",
        severity="look",
        order=scan.numbers["contrast"],
    )


def dark(scan: Scan) -> Iterator[Finding]:
    """The darkest photos."""
    return _outliers(scan, "dark", "brightness", -1)


def bright(scan: Scan) -> Iterator[Finding]:
    """The brightest photos."""
    return _outliers(scan, "bright", "brightness", 1)


def blurred(scan: Scan) -> Iterator[Finding]:
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


def _is_plain(scan: Scan) -> np.ndarray:
    return np.asarray(scan.usable & (scan.numbers["contrast"] < MIN_CONTRAST))


def _outliers(scan: Scan, kind: str, measure: str, sign: int) -> Iterator[Finding]:
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
