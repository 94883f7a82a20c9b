"""Sentences and headings of the page of scores."""

from __future__ import annotations

from warmstart.statistics.intervals import Interval

EXPLAINED = "log-odds of the true class"
TRUSTED, DISTRUSTED, OPEN = (
    "these maps may be trusted",
    "these maps are not to be trusted",
    "whether these maps may be trusted is not shown",
)
VERDICTS = {True: TRUSTED, False: DISTRUSTED, None: OPEN}
MORE_IMAGES = "more images may tell (interpret.scored)"
NO_FEATURE_MAP = "the network has no feature map, so there are no class activation maps to score"
NOTHING_TO_SCORE = "no test images were to be scored (interpret.scored)"
NO_MOSAICS = "mosaics need two classes with two test images each"
ONE_CELL = "a map of one cell cannot point anywhere"
NO_HEAD = "no layer with weights comes after the maps"
NO_MAPS = "not scored: there are no maps"
NO_OTHER_IMAGE = "not scored: no other image"
NOTHING = "nothing to compute it from"
CONTROLS = {"centre": "centre Gaussian", "another_image": "another image's map", "random": "random smooth map"}
# Criterion → what is measured, the same in the chart, and the rest of the verdict's line.
CRITERIA = {
    "better than the middle": (
        "insertion minus deletion, minus the same of a centre Gaussian",
        "insertion − deletion, minus a centre Gaussian's",
        "{found}; bar: above 0",
    ),
    "in the right cells": (
        "energy in the right cells of mosaics",
        "mosaics: energy in the right cells (0 chance, 1 attainable)",
        "{other}, which is {value} of the way from chance to what maps so coarse can reach {range}; "
        "bar: at least {bar:.2f}",
    ),
    "depends on what was learned": (
        "Spearman with maps after a random head",
        "like maps after a random head (Spearman)",
        "{found}, where another image's map has {other_value}; bar: at most {bar:.2f}",
    ),
    "stable under noise": (
        "Spearman with maps of the same images with noise",
        "like maps of the noisy image (Spearman)",
        "{found}; bar: at least {bar:.2f}, and more than another image's map by {other_value} {other_range}",
    ),
    "on the evidence": (
        "energy inside the evidence masks, minus the same of a centre Gaussian",
        "energy in the masks, minus a centre Gaussian's",
        "{found}; bar: above 0",
    ),
}
EDGES_VERDICT = {False: "fails, as it must", True: "does NOT fail", None: "not decided"}
CHART_NOTE = (
    "Edges never ask the network. Dot and line: mean and 95 % interval. "
    "Upright: the bar, to be passed to the right, for random heads to the left."
)
EXAMPLES_NOTE = (
    "Evidence for the true class, each map on its own scale. Curves: p of the true class as the map's highest pixels "
    "are deleted first (a good map falls fast), or inserted first into the blurred photo (a good map rises fast). "
    "Blue: Grad-CAM; yellow: the middle; grey: edges, the control that never asks the network."
)


def format_signed(value: float, *, plus: bool = False) -> str:
    """Two decimals with a true minus sign, and never a minus before zero. plus: a sign before what is above 0 too."""
    rounded = round(value, 2) + 0.0
    sign = "−" if rounded < 0 else "+" if plus and rounded > 0 else ""
    return f"{sign}{abs(rounded):.2f}"


def format_range(found: Interval) -> str:
    """The ends of an interval."""
    return f"[{format_signed(found.low)}, {format_signed(found.high)}]"


def format_interval(found: Interval) -> str:
    """A value with its interval and n."""
    return f"{format_signed(found.value)} {format_range(found)}, n = {found.n}"


def not_scored(found: Interval | None, why: str | None, min_scores: int) -> str:
    """Why a criterion is not scored; empty where it is. why: what prevented the score."""
    if found is None:
        return f"not scored: {why or NOTHING}"
    return f"not scored: {found.n} scores, of {min_scores} at least" if found.n < min_scores else ""


def flat_maps(blank: Interval, bar: float) -> str:
    """The share of maps that show no evidence, and the bar."""
    share, low, high = (f"{100 * value:.0f}" for value in (blank.value, blank.low, blank.high))
    return f"{share} % [{low}, {high}] of {blank.n} maps are flat; bar: at most {100 * bar:.0f} %"


def criterion(name: str, found: Interval, other: Interval, bar: float) -> str:
    """The rest of a criterion's line, from ``CRITERIA``. other: the metric beside it."""
    return CRITERIA[name][2].format(
        found=format_interval(found),
        value=format_signed(found.value),
        range=format_range(found),
        other=format_interval(other),
        other_value=format_signed(other.value),
        other_range=format_range(other),
        bar=bar,
    )
