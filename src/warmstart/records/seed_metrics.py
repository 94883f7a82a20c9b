"""The part of evaluate/metrics.json about a recipe that was trained with several seeds."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.records.intervals import SeedIntervals


@dataclass(frozen=True)
class SeedRule:
    """A seed, and what its network is used with: found on the validation images, as of the one that is packaged.
    threshold: None for more than two classes.
    """

    seed: int
    temperature: float
    threshold: float | None


@dataclass(frozen=True)
class SeedMetric:
    """values: of each seed's network, in the order of the seeds. mean: over the seeds, with the interval over images
    and the one over seeds.
    """

    values: list[float]
    mean: SeedIntervals


@dataclass(frozen=True)
class SeedMetrics:
    """On the n test images, by key of the registry; a metric that these do not define for every seed is left out.
    seeds: the first one is that of the packaged network. test: with the rules. as_trained: at temperature 1 and without
    a threshold.
    """

    n: int
    seeds: list[SeedRule]
    test: dict[str, SeedMetric]
    as_trained: dict[str, SeedMetric]
