"""Photos unlike the others: the darkest, the brightest, the most blurred, and those with nothing on them."""

from __future__ import annotations

import numpy as np

from warmstart.audit.findings import Finding, number
from warmstart.audit.scan import Scan
from warmstart.audit.shapes import is_deep, is_tiny
from warmstart.audit.tell import tell

FAR = 3.5  # in robust standard deviations
BLANK = 0.02  # standard deviation of the grey values


def blank(scan: Scan) -> list[Finding]:
    """Photos of one plain colour."""
    return tell(
        scan,
        _plain(scan) & ~is_deep(scan),
        "blank",
        lambda n: f"{number(n, 'photo is', 'photos are')} of one plain colour",
        "Nothing can be seen there, so the label cannot be learned.",
        "Delete what is blank.",
        lambda i: f"brightness {scan.numbers['brightness'][i]:.2f} of 1",
        severity="look",
        order=scan.numbers["contrast"],
    )


def flattened(scan: Scan) -> list[Finding]:
    """Photos of more than 8 bits a value of which 8 bits show next to nothing; the file may still hold the whole picture."""
    return tell(
        scan,
        _plain(scan) & is_deep(scan),
        "flattened",
        lambda n: (
            f"{number(n, 'photo', 'photos')} with more than 8 bits a value {'comes' if n == 1 else 'come'} out in almost one tone"
        ),
        "Brought to 8 bits, the values fill hardly any of the range, so what the file shows may be lost here.",
        "Export the originals as 8 bits, or with their values stretched over the whole range.",
        lambda i: f"{scan.words['mode'][i]}, brightness {scan.numbers['brightness'][i]:.2f} of 1",
        severity="look",
        order=scan.numbers["contrast"],
    )


def dark(scan: Scan) -> list[Finding]:
    """The darkest photos."""
    return _far(scan, "dark", "brightness", -1, "unusually dark")


def bright(scan: Scan) -> list[Finding]:
    """The brightest photos."""
    return _far(scan, "bright", "brightness", 1, "unusually bright")


def blurred(scan: Scan) -> list[Finding]:
    """The most blurred photos."""
    return _far(scan, "blurred", "sharpness", -1, "unusually blurred")


def _plain(scan: Scan) -> np.ndarray:
    plain: np.ndarray = scan.usable & (scan.numbers["contrast"] < BLANK)
    return plain


def robust_z(values: np.ndarray) -> np.ndarray:
    """How far each value is from the median, in standard deviations estimated by the median absolute deviation; zeros where most
    values are the same. NaN stays NaN.

    Source: B. Iglewicz and D. C. Hoaglin, "How to detect and handle outliers" (1993), who call 3.5 an outlier.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return np.full_like(values, np.nan)
    middle = np.median(known)
    spread = np.median(np.abs(known - middle))
    return np.zeros_like(values) if spread == 0 else 0.6745 * (values - middle) / spread


def _far(scan: Scan, key: str, name: str, sign: int, words: str) -> list[Finding]:
    # A blank or a tiny photo is told as such.
    values = np.where(scan.usable & (scan.numbers["contrast"] >= BLANK) & ~is_tiny(scan), scan.numbers[name], np.nan)
    z = sign * robust_z(values)
    known = values[np.isfinite(values)]
    middle = float(np.median(known)) if len(known) else 0.0
    return tell(
        scan,
        z > FAR,
        key,
        lambda n: f"{number(n, 'photo is', 'photos are')} {words}",
        f"More than {FAR} robust standard deviations of {name} from the median, {middle:.2f}.",
        "Look: delete what a person could not tell the class of.",
        lambda i: f"{name} {values[i]:.2f}",
        severity="fine",
        order=-z,
    )
