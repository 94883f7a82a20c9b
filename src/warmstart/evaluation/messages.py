"""Sentences of an evaluation."""

from __future__ import annotations

from warmstart.records.evaluation import EvaluationMetrics
from warmstart.text.quantities import count, percent_interval

VAL_IS = "as trained: temperature and threshold are found on these images"
TEST_IS = "as shipped: with the temperature and threshold below"


def out_of_fold_test_is(folds: int) -> str:
    """What the metrics under ``test`` are of, where there are folds."""
    return (
        f"pooled over {folds} folds: every image, answered by the network of the fold that has not seen it, each with "
        "the temperature and threshold that its own validation images say"
    )


def summary_line(recipe: str, metrics: EvaluationMetrics) -> str:
    """The result of an evaluation in a line."""
    test, trained = metrics.test, metrics.as_trained.test
    what = f"out-of-fold accuracy, {metrics.folds} folds," if metrics.folds else "test accuracy"
    before = "" if trained.accuracy == test.accuracy else f"; as trained {percent_interval(trained.accuracy)}"
    return f"{recipe}: {what} {percent_interval(test.accuracy)}, n = {count(test.n)}{before}"
