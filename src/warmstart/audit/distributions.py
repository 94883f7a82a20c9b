"""How sizes, proportions, light and file sizes are spread, class by class."""

from __future__ import annotations

from typing import Any

import numpy as np

from warmstart.audit.scan import Scan

# Property → what it is called.
PROPERTIES = {
    "width": "width in pixels",
    "height": "height in pixels",
    "aspect": "width to height",
    "bytes": "file size in kB",
    "bytes_per_pixel": "bytes per pixel",
    "brightness": "brightness, 0 to 1",
    "contrast": "contrast, 0 to 0.5",
    "saturation": "saturation, 0 to 1",
    "sharpness": "sharpness (log)",
    "red": "mean of red, 0 to 1",
    "green": "mean of green, 0 to 1",
    "blue": "mean of blue, 0 to 1",
}


def properties(scan: Scan) -> dict[str, np.ndarray]:
    """The measured properties, float64 (N,), NaN for photos that are left out or where unknown; those that no photo has are missing."""
    values = dict(scan.numbers)
    values["bytes"] = values["bytes"] / 1000
    with np.errstate(divide="ignore", invalid="ignore"):
        values["aspect"] = values["width"] / values["height"]
        values["bytes_per_pixel"] = scan.numbers["bytes"] / (values["width"] * values["height"])
    found = {}
    for name in PROPERTIES:
        column = np.where(scan.usable & np.isfinite(values[name]), values[name], np.nan)
        if np.isfinite(column).any():
            found[name] = column
    return found


def summary(scan: Scan) -> dict[str, dict[str, Any]]:
    """Property → class → {n, low, median, high}; low and high hold 90 % of the photos. ``all`` are all classes together."""
    out: dict[str, dict[str, Any]] = {}
    for name, values in properties(scan).items():
        known = np.isfinite(values)
        out[name] = {"all": _row(values[known])}
        for label, class_name in enumerate(scan.classes):
            own = values[known & (scan.labels == label)]
            if len(own):
                out[name].setdefault("classes", {})[class_name] = _row(own)
    return out


def _row(values: np.ndarray) -> dict[str, Any]:
    low, median, high = (round(float(v), 4) for v in np.percentile(values, (5, 50, 95)))
    return {"n": len(values), "low": low, "median": median, "high": high}
