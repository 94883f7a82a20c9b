"""Sizes, proportions, light and file sizes of the photos, and how they are spread class by class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from warmstart.audit.scan import Scan
from warmstart.records.audit import Distribution, Spread


class Property(NamedTuple):
    """axis: its name on an axis; empty for one that is no number. low, high: what photos with low, and high, values
    are; empty where that depends on the value. called: its name in sentences, where it is not the key.
    """

    axis: str
    low: str = ""
    high: str = ""
    called: str = ""


PROPERTIES = {
    "width": Property("width in pixels", "are narrower", "are wider"),
    "height": Property("height in pixels", "are less tall", "are taller"),
    "aspect": Property(
        "width to height", "are more upright", "are wider for their height", "the ratio of width to height"
    ),
    "bytes": Property("file size in kB", "have smaller files", "have larger files", "the size of the file"),
    "bytes_per_pixel": Property(
        "bytes per pixel",
        "are more strongly compressed",
        "are less strongly compressed",
        "the number of bytes per pixel",
    ),
    "brightness": Property("brightness, 0 to 1", "are darker", "are brighter"),
    "contrast": Property("contrast, 0 to 0.5", "have less contrast", "have more contrast"),
    "saturation": Property("saturation, 0 to 1", "are paler", "are more colourful"),
    "sharpness": Property("sharpness (log)", "are more blurred", "are sharper"),
    "red": Property("mean of red, 0 to 1", "are less red", "are redder", "the mean of red"),
    "green": Property("mean of green, 0 to 1", "are less green", "are greener", "the mean of green"),
    "blue": Property("mean of blue, 0 to 1", "are less blue", "are bluer", "the mean of blue"),
    "format": Property("", called="the file format"),
    "mode": Property("", called="how colours are stored"),
    "near_copies": Property("", "less often have a near copy", "more often have a near copy", "having a near copy"),
}
DISPLAY_NAMES = {name: about.called or name for name, about in PROPERTIES.items()}


def properties(scan: Scan) -> dict[str, np.ndarray]:
    """The measured properties, float64 (N,), NaN for photos that are left out or where unknown. A property that no
    photo has is missing.
    """
    values = dict(scan.numbers)
    values["bytes"] = values["bytes"] / 1000
    with np.errstate(divide="ignore", invalid="ignore"):
        values["aspect"] = values["width"] / values["height"]
        values["bytes_per_pixel"] = scan.numbers["bytes"] / (values["width"] * values["height"])
    numbers = [name for name, about in PROPERTIES.items() if about.axis]
    found = {name: np.where(scan.usable & np.isfinite(values[name]), values[name], np.nan) for name in numbers}
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
