"""Every metric of the registry, of all recipes that have finished, on the test images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from warmstart.comparison.finished import FinishedRecipe
from warmstart.evaluation.metric_registry import METRICS
from warmstart.records.evaluation import SplitMetrics
from warmstart.records.metrics import ComparedMetric, Measured, MetricRow


def compare_metrics(finished: Sequence[FinishedRecipe]) -> list[ComparedMetric]:
    """In the order of the registry. A recipe that was evaluated before a metric was added lacks it."""

    def of_all(key: str, splits: dict[str, SplitMetrics]) -> dict[str, Measured]:
        return {name: split.metrics[key] for name, split in splits.items() if key in split.metrics}

    packaged = {recipe.name: recipe.metrics.test for recipe in finished}
    trained = {recipe.name: recipe.metrics.as_trained.test for recipe in finished}
    return [
        ComparedMetric(
            key,
            metric.title,
            metric.unit,
            metric.higher_is_better,
            metric.definition,
            metric.interval,
            of_all(key, packaged),
            of_all(key, trained),
        )
        for key, metric in METRICS.items()
    ]


def metric_rows(finished: Sequence[FinishedRecipe], metrics: Sequence[ComparedMetric]) -> Iterator[MetricRow]:
    """The lines of metrics.csv: recipe by recipe, each metric as packaged and as trained."""
    for recipe in finished:
        n = recipe.metrics.test.n
        for metric in metrics:
            for as_trained, measured in ((False, metric.packaged), (True, metric.as_trained)):
                if (one := measured.get(recipe.name)) is None:
                    continue
                ends = (getattr(one, "low", None), getattr(one, "high", None))
                reason = getattr(one, "reason", None)
                named = (recipe.name, metric.key, metric.title, metric.unit)
                yield MetricRow(*named, as_trained, n, one.value, *ends, reason)


def shown_by_dvc(recipe: FinishedRecipe) -> dict[str, float | int]:
    """What `dvc metrics show` says of a recipe as packaged: values and their n, one column each. Intervals are in
    metrics.csv: three columns a metric are too wide for a terminal, and the difference of two bounds says nothing.
    """
    values = {key: one.value for key, one in recipe.metrics.test.metrics.items() if one.value is not None}
    return {"n": recipe.metrics.test.n, **values}
