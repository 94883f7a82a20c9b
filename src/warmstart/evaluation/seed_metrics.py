"""A recipe that was trained with several seeds: every metric of each network, and its mean with two intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from warmstart.config.schema import Evaluate
from warmstart.evaluation.calibrated_predictions import CalibratedPredictions
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.metric_registry import Metric
from warmstart.evaluation.metrics import defined_metrics, resample
from warmstart.evaluation.outcomes import Outcomes, WeightedOutcomes
from warmstart.records.intervals import SeedIntervals
from warmstart.records.seed_metrics import SeedMetric, SeedMetrics, SeedRule
from warmstart.statistics.intervals import Interval
from warmstart.statistics.proportions import wilson_interval
from warmstart.statistics.seeds_and_images import mean_over_seeds
from warmstart.statistics.stratified_bootstrap import percentile_interval


def seed_metrics(
    seeds: Sequence[int], found: Sequence[CalibratedPredictions], classes: Sequence[str], options: Evaluate
) -> SeedMetrics:
    """Of two or more seeds, on the test images. found: the predictions of each seed's network."""
    labels = found[0].logits["test"].labels
    return SeedMetrics(
        n=len(labels),
        seeds=[SeedRule(seed, one.temperature, one.threshold) for seed, one in zip(seeds, found, strict=True)],
        test=means_over_seeds([one.shipped["test"] for one in found], labels, classes, options),
        as_trained=means_over_seeds([one.as_trained["test"] for one in found], labels, classes, options),
    )


def means_over_seeds(
    predictions: Sequence[Predictions], labels: np.ndarray, classes: Sequence[str], options: Evaluate
) -> dict[str, SeedMetric]:
    """Each metric of the registry, by key. labels: int64 (N,).

    The interval over images is of the mean of these networks: Wilson's for accuracy, which is a little wide since the
    mean over seeds varies less than one network; else from the mean of the networks' values on the same resamples. The
    one over seeds is Student's t, on these images.
    """
    together = np.zeros(len(labels), dtype=np.int64)
    defined, whole = defined_metrics(labels, classes), np.ones((1, len(labels)))
    outcomes = [Outcomes(one, labels, together, options.calibration_bins) for one in predictions]
    drawn = [resample(one, defined, options) for one in outcomes]
    measured = {}
    for key, metric in defined.items():
        values = [float(metric.function(WeightedOutcomes(one, whole))[0]) for one in outcomes]
        redrawn = None if metric.interval == "wilson" else np.mean([one[key] for one in drawn], axis=0)
        mean = _mean_with_intervals(metric, values, redrawn, len(labels), options.confidence)
        if mean:
            measured[key] = SeedMetric(values, mean)
    return measured


def _mean_with_intervals(
    metric: Metric, values: list[float], redrawn: np.ndarray | None, n: int, confidence: float
) -> SeedIntervals | None:
    """redrawn: the mean over seeds on each resample, (R,); None for Wilson's interval."""
    if np.isnan(values).any():
        return None
    over_seeds = mean_over_seeds(values, confidence)
    if redrawn is None:
        over_images = replace(wilson_interval(round(over_seeds.value * n), n, confidence), value=over_seeds.value)
    elif ends := percentile_interval(redrawn, confidence):
        over_images = Interval(over_seeds.value, *ends, n)
    else:
        return None
    # No metric is below 0, and those of which more is better are shares.
    most = 1.0 if metric.higher_is_better else over_seeds.high
    within = replace(over_seeds, low=max(0.0, over_seeds.low), high=min(most, over_seeds.high))
    return SeedIntervals(over_images, within)
