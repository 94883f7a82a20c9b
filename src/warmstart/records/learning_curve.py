"""The files of the stage ``learning_curve``, and report/learning_curve.json, which is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from warmstart.records.base import Record
from warmstart.records.intervals import MetricInterval
from warmstart.records.run_identity import Family
from warmstart.records.table import Row, TextCell

CurveMetric = Literal["accuracy", "balanced_accuracy"]


@dataclass(frozen=True)
class PointRecord(Record):
    """point.json: a finished training of the curve. share: of the training images. n: how many these are. images_seen:
    by the training, each as often as it was seen. seconds: of training.
    """

    recipe: str
    share: float
    n: int
    seed: int
    epochs: int
    kept_epoch: int
    images_seen: int
    seconds: float


@dataclass(frozen=True)
class PointRow(Row):
    """A line of points.csv: a training. accuracy: on the test images, as trained, at temperature 1."""

    WHAT: ClassVar[str] = "a table of a learning curve's points"

    recipe: TextCell
    share: float
    n: int
    seed: int
    accuracy: float
    epochs: int
    kept_epoch: int
    images_seen: int
    seconds: float


@dataclass(frozen=True)
class CurveOrigin(Record):
    """origin.json. dataset_digest: of the images. points.csv and probabilities.npy beside it are in the same order, by
    share and then by seed; probabilities: float32 (S · K, N, classes), of the test images.
    """

    recipe: str
    family: Family
    dataset_digest: str
    shares: list[float]
    seeds: list[int]


@dataclass(frozen=True)
class CurveSize:
    """A size of the training set. by_seed: the metric of each seed. mean: of the seeds, with an interval over the test
    images and the seeds.
    """

    share: float
    n: int
    mean: MetricInterval
    by_seed: list[float]


@dataclass(frozen=True)
class BoundedNumber:
    """A number of images with its interval. None: more than the farthest to which the law is trusted."""

    value: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class CurveLaw:
    """error(n) = floor + excess · (n / reference)^-exponent, where the error is 1 - metric.

    foretold: what the law of all sizes but the largest says of the largest; None with too few sizes. doubled: what
    twice as many images would add to the metric. one_point: images for a metric 0.01 higher.
    """

    floor: MetricInterval
    excess: MetricInterval
    exponent: MetricInterval
    reference: int
    foretold: MetricInterval | None
    doubled: MetricInterval
    one_point: BoundedNumber


@dataclass(frozen=True)
class RecipeCurve:
    """A recipe's curve, its sizes ascending. law: None with too few sizes."""

    recipe: str
    family: Family
    sizes: list[CurveSize]
    law: CurveLaw | None


@dataclass(frozen=True)
class CatchUp:
    """When the best recipe from scratch reaches the best transfer recipe.

    n: of images, by their laws; None with too few sizes. share: of the resamples in which that is at ``farthest``
    images or before. enough: the smallest measured size at which the transfer recipe is better than the other at the
    largest, with the difference there; None where none is.
    """

    scratch: str
    transfer: str
    n: BoundedNumber | None
    share: float | None
    enough: int | None
    difference: MetricInterval | None


@dataclass(frozen=True)
class LearningCurve(Record):
    """report/learning_curve.json. farthest: images up to which the laws are trusted. sentences: the answers."""

    metric: CurveMetric
    confidence: float
    n_test: int
    seeds: list[int]
    farthest: int
    recipes: list[RecipeCurve]
    catch_up: CatchUp | None
    sentences: list[str]
