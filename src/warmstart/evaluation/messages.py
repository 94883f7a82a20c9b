"""Sentences of an evaluation."""

from __future__ import annotations

from warmstart.records.evaluation import EvaluationMetrics
from warmstart.text.quantities import count, percent, percent_interval

VAL_IS = "as trained: temperature and threshold are found on these images"
TEST_IS = "as shipped: with the temperature and threshold below"


def out_of_fold_test_is(folds: int) -> str:
    """What the metrics under ``test`` are of, where there are folds."""
    return (
        f"pooled over {folds} folds: every image, answered by the network of the fold that has not seen it, each with "
        "the temperature and threshold that its own validation images say"
    )


def no_unsure_limit(n: int, target: float, least: int) -> str:
    """Why there is no limit. n: validation images. target: error rate. least: images that it takes to show one."""
    if n < least:
        rate = f"{100 * target:.3g} %"
        return f"there are {count(n)} validation images, and an error rate of {rate} takes {count(least)} or more"
    return (
        f"no {count(least)} or more of the {count(n)} validation images, the most confident, have an error rate of at "
        f"most {100 * target:.3g} %"
    )


def summary_line(recipe: str, metrics: EvaluationMetrics) -> str:
    """The result of an evaluation in a line."""
    test, trained = metrics.test, metrics.as_trained.test
    what = f"out-of-fold accuracy, {metrics.folds} folds," if metrics.folds else "test accuracy"
    before = "" if trained.accuracy == test.accuracy else f"; as trained {percent_interval(trained.accuracy)}"
    line = f"{recipe}: {what} {percent_interval(test.accuracy)}, n = {count(test.n)}{before}"
    if metrics.seeds:
        mean = metrics.seeds.test["accuracy"].mean
        images = f"[{percent(mean.images.low)}, {percent(mean.images.high)}] over images"
        line += f"; mean of {mean.seeds.n} seeds {percent_interval(mean.seeds)} over seeds, {images}"
    return line
