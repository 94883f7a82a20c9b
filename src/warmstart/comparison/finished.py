"""The recipes of a dataset that have finished, with their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from warmstart.evaluation.prediction_table import (
    OUT_OF_FOLD_TABLE,
    SEED_TABLE,
    PredictionTable,
    read_out_of_fold,
    read_predictions,
    read_seed_predictions,
)
from warmstart.files.plain import read_json
from warmstart.files.reading import damage
from warmstart.records.base import VERSION_KEY, Record
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.records.history import EpochMetrics, History
from warmstart.records.intervals import MetricInterval
from warmstart.records.packaged_model import PackagedModel
from warmstart.records.prediction_speed import PredictionSpeed
from warmstart.records.predictions import PredictionRow
from warmstart.records.run_identity import Family
from warmstart.records.training_state import FoldCount
from warmstart.records.training_summary import CurveMeans, TrainingSummary

SUMMARY, METRICS, SPEED = "model/summary.json", "evaluate/metrics.json", "evaluate/speed.json"
REQUIRED_FILES = (SUMMARY, "model/history.csv", METRICS, "evaluate/predictions.csv", SPEED)


@dataclass(frozen=True)
class FinishedRecipe:
    """A trained and evaluated recipe.

    predictions: for the test split, with those of all seeds; with folds, out of fold for all images. folder: holds
    model/, evaluate/ and interpret/.
    """

    name: str
    folder: Path
    summary: TrainingSummary
    metrics: EvaluationMetrics
    history: History
    predictions: PredictionTable
    speed: PredictionSpeed

    @property
    def size(self) -> int | None:
        """The side in pixels of the images that it was trained on; None where its model is not packaged."""
        package = self.folder / "evaluate" / "package" / "model.json"
        return PackagedModel.read(package).preprocessing.size if package.exists() else None

    @property
    def package_bytes(self) -> int:
        """The size of the packaged model, with folds of that of fold 0."""
        return sum(path.stat().st_size for path in (self.folder / "evaluate" / "package").glob("*"))

    @property
    def family(self) -> Family:
        """``scratch`` or ``transfer``."""
        return self.summary.family

    @property
    def phase(self) -> str:
        """What was trained, as the configuration says it."""
        return self.summary.phase

    def same_network(self, other: FinishedRecipe) -> bool:
        """Whether both have the same architecture, at the same image size."""
        mine, theirs = (
            {key: value for key, value in recipe.summary.network.items() if key != "train_batch_norm"}
            for recipe in (self, other)
        )
        return mine == theirs

    @property
    def folds(self) -> int:
        """How many folds it was trained on, 1 without folds."""
        return len(self.summary.folds or ()) or 1

    @property
    def seeds(self) -> int:
        """With how many seeds it was trained."""
        return len(self.summary.seeds or ()) or 1

    @property
    def accuracy(self) -> MetricInterval:
        """The accuracy by which it is compared, as ``tested`` gives it."""
        accuracy = self.tested("accuracy")
        assert accuracy is not None  # every split has one
        return accuracy

    def tested(self, key: str, *, as_trained: bool = False) -> MetricInterval | None:
        """A metric on the test images: of the packaged network, or the mean over several seeds with the interval over
        images. None where it is not defined.
        """
        seeds, metrics = self.metrics.seeds, self.metrics
        if seeds is None:
            return (metrics.as_trained.test if as_trained else metrics.test).interval(key)
        found = (seeds.as_trained if as_trained else seeds.test).get(key)
        return MetricInterval(found.mean.images.value, found.mean.images.low, found.mean.images.high) if found else None

    @property
    def best(self) -> EpochMetrics | CurveMeans:
        """Losses and accuracies of the best epoch, whose network is kept; with folds or several seeds, their means."""
        return (self.summary.mean or self.summary).kept

    @property
    def last(self) -> EpochMetrics | CurveMeans:
        """Losses and accuracies of the last epoch; with folds or several seeds, their means."""
        return (self.summary.mean or self.summary).last

    @property
    def n_val(self) -> int:
        """The number of images that validation accuracies are of; with folds, of all folds together."""
        folds = self.summary.folds
        return sum(fold.n.val for fold in folds) if folds else self.summary.n.val

    @property
    def beats_majority(self) -> bool:
        """Whether it is clearly better than always predicting the most frequent class of the training images; with
        several seeds, over images as over seeds.
        """
        lowest = self.accuracy.low
        if self.metrics.seeds:
            lowest = min(lowest, self.metrics.seeds.test["accuracy"].mean.seeds.low)
        return lowest > self.metrics.majority.accuracy.value


class LeftOutReason(StrEnum):
    """Why a recipe is not compared."""

    NOT_FINISHED = "not_finished"
    TRAINED_ON_OTHER_FOLDS = "trained_on_other_folds"
    TRAINED_ON_OTHER_IMAGES = "trained_on_other_images"
    EVALUATED_ON_OTHER_FOLDS = "evaluated_on_other_folds"
    TRAINED_WITH_OTHER_SEEDS = "trained_with_other_seeds"
    EVALUATED_WITH_OTHER_SEEDS = "evaluated_with_other_seeds"
    TRAINED_BY_OTHER_VERSION = "trained_by_other_version"
    EVALUATED_BY_OTHER_VERSION = "evaluated_by_other_version"


@dataclass(frozen=True)
class LeftOut:
    """A recipe that is not compared. file: the missing one. folds, seeds: how many were found and how many expected, 1
    without.
    """

    reason: LeftOutReason
    file: str = ""
    folds: tuple[int, int] = (1, 1)
    seeds: tuple[int, int] = (1, 1)


def find_finished(
    root: Path, recipes: Sequence[str], digest: str, folds: int | None = None, seeds: int | None = None
) -> tuple[list[FinishedRecipe], dict[str, LeftOut]]:
    """The finished recipes of ``root/recipes``, in the given order, and why each of the others is left out.

    digest: of the prepared images; recipes trained on others are left out. folds: of the prepared images; recipes
    trained on another number are left out (None: none of these). seeds: the same of how many seeds are compared. Raises
    UserError for damaged files.
    """
    finished: list[FinishedRecipe] = []
    left_out: dict[str, LeftOut] = {}
    for name in recipes:
        found = _read(name, root / "recipes" / name, digest, folds, seeds)
        if isinstance(found, LeftOut):
            left_out[name] = found
        else:
            finished.append(found)
    return finished, left_out


def _read(name: str, folder: Path, digest: str, folds: int | None, seeds: int | None) -> FinishedRecipe | LeftOut:
    own, own_seeds = FoldCount.of_model(folder / "model"), FoldCount.seeds_of_model(folder / "model")
    required = [
        *REQUIRED_FILES,
        *(f"model/folds/{fold}/summary.json" for fold in range(1, own)),
        *(f"model/seeds/{number}/summary.json" for number in range(1, own_seeds)),
    ]
    if own > 1:
        required.append(f"evaluate/{OUT_OF_FOLD_TABLE}")
    if missing := [file for file in required if not (folder / file).exists()]:
        return LeftOut(LeftOutReason.NOT_FINISHED, missing[0])
    if folds is not None and own != folds:
        return LeftOut(LeftOutReason.TRAINED_ON_OTHER_FOLDS, folds=(own, folds))
    if seeds is not None and own_seeds != seeds:
        return LeftOut(LeftOutReason.TRAINED_WITH_OTHER_SEEDS, seeds=(own_seeds, seeds))
    if _digest(folder) not in (None, digest):
        return LeftOut(LeftOutReason.TRAINED_ON_OTHER_IMAGES)
    if _other_version(folder / SUMMARY, TrainingSummary):
        return LeftOut(LeftOutReason.TRAINED_BY_OTHER_VERSION)
    if _other_version(folder / METRICS, EvaluationMetrics):
        return LeftOut(LeftOutReason.EVALUATED_BY_OTHER_VERSION)
    metrics = EvaluationMetrics.read(folder / METRICS)
    if (evaluated := metrics.folds or 1) != own:
        return LeftOut(LeftOutReason.EVALUATED_ON_OTHER_FOLDS, folds=(evaluated, own))
    if (evaluated := len(metrics.seeds.seeds) if metrics.seeds else 1) != own_seeds:
        return LeftOut(LeftOutReason.EVALUATED_WITH_OTHER_SEEDS, seeds=(evaluated, own_seeds))
    summary = TrainingSummary.read(folder / SUMMARY)
    history = History.read(folder / "model" / "history.csv", summary.selected_by)
    predictions, speed = _predictions(folder / "evaluate", own, metrics), PredictionSpeed.read(folder / SPEED)
    return FinishedRecipe(name, folder, summary, metrics, history, predictions, speed)


def _predictions(folder: Path, folds: int, metrics: EvaluationMetrics) -> PredictionTable:
    table = read_out_of_fold(folder / OUT_OF_FOLD_TABLE) if folds > 1 else read_predictions(folder / "predictions.csv")
    lines, n = len(table.labels), metrics.test.n
    if lines != n:
        raise damage(table.source, f"it has {lines} lines, and metrics.json is of {n}", PredictionRow.WHAT)
    return read_seed_predictions(table, folder / SEED_TABLE) if metrics.seeds else table


def _digest(folder: Path) -> str | None:
    path = folder / "model" / "run.json"
    return read_json(path, "dataset_digest")["dataset_digest"] if path.exists() else None


def _other_version(path: Path, kind: type[Record]) -> bool:
    return bool(read_json(path).get(VERSION_KEY) != kind.FORMAT)
