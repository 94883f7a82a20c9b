"""Where a recipe looks on the whole: measures of many maps, when it is right and when it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from warmstart.evaluation.intervals import bootstrap, bootstrap_mean
from warmstart.evaluation.metrics import auroc
from warmstart.interpretation.attribution.attribute import Attribution
from warmstart.interpretation.attribution.map_statistics import BORDER_AREA, CENTRE_AREA, measure

# Below so many errors their mean, and how well anything finds them, is anybody's guess.
LEAST_WRONG = 10
SIGNALS = ("conflict", "border_share", "confidence")


def describe(sample: Sequence[Attribution], more_wrong: Sequence[Attribution], seed: int) -> dict[str, Any]:
    """What statistics.json holds: means of ``measure`` with 95 % bootstrap intervals, over the maps for the predicted class.

    sample: test images balanced over the classes, which ``all`` is about; never empty. more_wrong: further errors, so that
    ``wrong`` and ``finds_errors`` rest on more than the few a good recipe makes in a sample; neither depends on how frequent
    errors are. right, wrong: the same means over the images that it got right and wrong, and their difference.
    finds_errors: how well a figure tells wrong from right, as an AUROC: 0.5 is chance.
    """
    everything = [*sample, *more_wrong]
    values = measure(np.stack([e.predicted for e in everything]))
    wrong = np.array([e.wrong for e in everything])
    n_wrong = int(wrong.sum())
    few = f"{n_wrong} of {len(everything)} images are wrong; it takes {LEAST_WRONG}" if n_wrong < LEAST_WRONG else None
    cells = int(everything[0].predicted.size)
    out: dict[str, Any] = {
        "n": len(sample),
        "n_wrong": int(wrong[: len(sample)].sum()),
        "more_wrong": len(more_wrong),
        "blank": int(np.isnan(values["positive_share"][: len(sample)]).sum()),
        "cells": cells,
        "border_area": BORDER_AREA,
        "centre_area": CENTRE_AREA,
        "all": {key: _mean(v[: len(sample)], seed) for key, v in values.items()},
        "right": {key: _mean(v[~wrong], seed) for key, v in values.items()},
    }
    if few:
        return {**out, "wrong": None, "wrong_minus_right": None, "finds_errors": None, "why_not": few}
    out["wrong"] = {key: _mean(v[wrong], seed) for key, v in values.items()}
    out["wrong_minus_right"] = {key: _difference(v, wrong, seed) for key, v in values.items()}
    # Less confidence, more conflict and more border are what an error should have.
    signals = {**values, "confidence": np.array([-e.example.p for e in everything])}
    out["finds_errors"] = {key: _finds(signals[key], wrong, seed) for key in SIGNALS}
    return out


def _mean(values: np.ndarray, seed: int) -> dict[str, Any] | None:
    values = values[~np.isnan(values)]
    return bootstrap_mean(values, seed=seed).to_dict() if len(values) else None


def _difference(values: np.ndarray, wrong: np.ndarray, seed: int) -> dict[str, Any] | None:
    def statistic(rows: np.ndarray) -> float:
        v, w = values[rows], wrong[rows]
        return float(v[w].mean() - v[~w].mean()) if w.any() and not w.all() else float("nan")

    return _bootstrap(statistic, values, wrong, seed)


def _finds(values: np.ndarray, wrong: np.ndarray, seed: int) -> dict[str, Any] | None:
    return _bootstrap(lambda rows: auroc(values[rows], wrong[rows]), values, wrong, seed)


def _bootstrap(statistic: Any, values: np.ndarray, wrong: np.ndarray, seed: int) -> dict[str, Any] | None:
    """The interval of a statistic over the images that have the value; None without both kinds."""
    rows = np.flatnonzero(~np.isnan(values))
    if not 0 < wrong[rows].sum() < len(rows):
        return None
    interval = bootstrap(lambda drawn: statistic(rows[drawn]), len(rows), seed=seed)
    return {**interval.to_dict(), "n_wrong": int(wrong[rows].sum())}
