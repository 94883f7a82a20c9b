"""Sizes, proportions, light and file sizes of the photos, and how they are spread class by class."""

from __future__ import annotations

import numpy as np

from warmstart.audit.scan import Scan
from warmstart.records.audit import Distribution, Spread

# Property → its name on an axis.
AXIS_LABELS = {
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
    """The measured properties, float64 (N,), NaN for photos that are left out or where unknown. A property that no
    photo has is missing.
    """
    values = dict(scan.numbers)
    values["bytes"] = values["bytes"] / 1000
    with np.errstate(divide="ignore", invalid="ignore"):
        values["aspect"] = values["width"] / values["height"]
        values["bytes_per_pixel"] = scan.numbers["bytes"] / (values["width"] * values["height"])
    found = {name: np.where(scan.usable & np.isfinite(values[name]), values[name], np.nan) for name in AXIS_LABELS}
    return {name: column for name, column in found.items() if np.isfinite(column).any()}


def distributions(scan: Scan) -> dict[str, Distribution]:
    """How each property is spread over all photos, and over those of each class."""
    out = {}
    for name, values in properties(scan).items():
        known = np.isfinite(values)
        classes = {
            class_name: _spread(own)
            for label, class_name in enumerate(scan.classes)
            if len(own := values[known & (scan.labels == label)])
        }
        out[name] = Distribution(_spread(values[known]), classes)
    return out


def _spread(values: np.ndarray) -> Spread:
    low, median, high = (round(float(v), 4) for v in np.percentile(values, (5, 50, 95)))
    return Spread(len(values), low, median, high)
