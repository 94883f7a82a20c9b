"""Valid records of trainings, evaluations and comparisons. Each function takes changes by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from warmstart.evaluation.metric_registry import METRICS
from warmstart.records.comparison import ComparisonTable, SuspectCounts, VerdictRecord
from warmstart.records.comparison_row import MAJORITY, ComparisonRow
from warmstart.records.evaluation import (
    AsTrained,
    EvaluationMetrics,
    FoldAccuracy,
    MajorityClass,
    ReliabilityBin,
    SplitMetrics,
)
from warmstart.records.history import EpochMetrics, History
from warmstart.records.images import SplitCounts
from warmstart.records.interpretation import ExampleCounts, InterpretationSummary, MapScores
from warmstart.records.intervals import Interval, MetricInterval, PairedComparison, SeedIntervals
from warmstart.records.metrics import ClassMetrics, ComparedMetric, Measured
from warmstart.records.packaged_model import ModelOrigin, PackagedModel
from warmstart.records.pairwise import NeededImages, PairRecord, PairwiseRecord
from warmstart.records.prediction_speed import PredictionSpeed
from warmstart.records.predictions import OutOfFoldRow, PredictionRow, SeedPredictionRow
from warmstart.records.preprocessing import PreprocessingSettings
from warmstart.records.run_identity import RunIdentity, StartCheckpoint
from warmstart.records.seed_metrics import SeedMetric, SeedMetrics, SeedRule
from warmstart.records.training_summary import (
    CurveMeans,
    FoldMeans,
    FoldSummary,
    ParameterCounts,
    SeedSummary,
    TrainingCounts,
    TrainingSummary,
)
from warmstart.records.unsure import MarkedImages, UnsureLimit, UnsureMetrics

DIGEST = "ab" * 32
CLASSES = ["cat", "dog"]
TIME = 1_700_000_000.0  # seconds since 1970


def metric(value: float, spread: float = 0.1) -> MetricInterval:
    """A share with an interval of this half width, within [0, 1]."""
    return MetricInterval(value, max(0.0, value - spread), min(1.0, value + spread))


def counted(value: float = 0.25, n: int = 32) -> Interval:
    return Interval(value, value - 0.1, value + 0.1, n)


def preprocessing_settings(**changes: Any) -> PreprocessingSettings:
    built = PreprocessingSettings(16, 3, "bilinear", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "pillow", "squash")
    return replace(built, **changes)


def epoch_metrics(epoch: int = 1, acc: float = 0.9, **changes: Any) -> EpochMetrics:
    curves = (0.5, acc, 0.5, acc)
    return replace(EpochMetrics(epoch, TIME + epoch, *curves, 1e-4, 1.0, 40.0, *curves), **changes)


def history(epochs: int = 3, acc: float = 0.9) -> History:
    """The same accuracy in every epoch, so that the first is the best."""
    return History([epoch_metrics(epoch, acc) for epoch in range(1, epochs + 1)])


def run_identity(**changes: Any) -> RunIdentity:
    built = RunIdentity(
        "c" * 32, None, "scratch", "scratch", "critters", DIGEST, None, TIME, "d" * 40, "train", None, "dvc"
    )
    return replace(built, **changes)


def start_checkpoint(**changes: Any) -> StartCheckpoint:
    return replace(StartCheckpoint("features_augmented", "model.ckpt", DIGEST), **changes)


def fold_summary(fold: int = 0, **changes: Any) -> FoldSummary:
    epochs = history()
    return replace(FoldSummary(fold, 3, 1, epochs.best, epochs.last, 75.0, TrainingCounts(40, 40)), **changes)


def seed_summary(seed: int = 8, **changes: Any) -> SeedSummary:
    epochs = history()
    return replace(SeedSummary(seed, 3, 1, epochs.best, epochs.last, 75.0), **changes)


def seed_metrics(accuracies: Sequence[float] = (0.875, 0.75, 0.875), n: int = 40) -> SeedMetrics:
    """Of seeds 7, 8 and so on, with these accuracies as packaged and as trained."""
    value, seeds = sum(accuracies) / len(accuracies), len(accuracies)
    mean = SeedIntervals(Interval(value, value - 0.125, value + 0.125, n), Interval(value, value - 0.25, 1.0, seeds))
    found = {"accuracy": SeedMetric(list(accuracies), mean)}
    return SeedMetrics(n, [SeedRule(7 + i, 1.25, 0.5) for i in range(seeds)], found, found)


def training_summary(folds: int = 1, **changes: Any) -> TrainingSummary:
    """folds: with more than one, each as the whole."""
    epochs = history()
    built = TrainingSummary(
        "scratch", "from scratch", "scratch", 3, 1, epochs.best, epochs.last, ParameterCounts(1000, 100), 75.0, 40.0,
        None, TrainingCounts(40, 40), images_seen=120, phase="scratch", network={}, precision="32-true", device="cpu",
    )  # fmt: skip
    built = replace(built, **changes)
    if folds > 1:
        same = {name: getattr(built, name) for name in ("epochs", "kept_epoch", "kept", "last", "n")}
        means = FoldMeans(*(_means(row) for row in (built.kept, built.last)))
        built = replace(built, folds=[fold_summary(fold, **same) for fold in range(folds)], mean=means)
    return built


def _means(row: EpochMetrics) -> CurveMeans:
    return CurveMeans(row.train_loss, row.train_acc, row.val_loss, row.val_acc)


def split_metrics(accuracy: float = 0.9, n: int = 40, classes: int = 2, **changes: Any) -> SplitMetrics:
    """changes: fields, or metrics by key."""
    wrong = round((1 - accuracy) * n)
    values = {"accuracy": metric(accuracy), "loss": metric(0.4), "auroc": metric(0.95, 0.05), "ece": metric(0.1)}
    metrics: dict[str, Measured] = {key: values.get(key, metric(0.5)) for key in METRICS}
    metrics |= {key: changes.pop(key) for key in METRICS if key in changes}
    built = SplitMetrics(
        n,
        metrics,
        [class_metrics(n)] * classes,
        [ReliabilityBin(n, 0.8, accuracy)],
        [[n - wrong, wrong, *[0] * (classes - 2)], *[[0] * classes] * (classes - 1)],
    )
    return replace(built, **changes)


def class_metrics(n: int = 20, **changes: Any) -> ClassMetrics:
    return replace(ClassMetrics(n, n, metric(0.75), metric(0.75), metric(0.75)), **changes)


def compared_metric(key: str = "auroc", recipes: Sequence[str] = ("scratch",), **changes: Any) -> ComparedMetric:
    measured: dict[str, Measured] = dict.fromkeys(recipes, metric(0.75))
    built = ComparedMetric(key, key.upper(), "", True, "the definition", "bootstrap", measured, measured)
    return replace(built, **changes)


def evaluation_metrics(
    accuracy: float = 0.9, trained: float | None = None, n: int = 40, folds: int = 1, classes: int = 2, **changes: Any
) -> EvaluationMetrics:
    """accuracy, trained: on the test images, as packaged and as trained (None: the same). folds: all alike."""
    as_trained = split_metrics(accuracy if trained is None else trained, n, classes)
    built = EvaluationMetrics(
        as_trained, "as trained", split_metrics(accuracy, n, classes), "as shipped", AsTrained(as_trained),
        MajorityClass(["cat"], n, metric(0.5)), 1.25, 0.5, "32-true", "cpu", DIGEST,
    )  # fmt: skip
    if folds > 1:
        each = [FoldAccuracy(fold, n // folds, built.test.accuracy, 1.25, 0.5) for fold in range(folds)]
        built = replace(built, folds=folds, fold_accuracy=each)
    return replace(built, **changes)


def unsure_metrics(**changes: Any) -> UnsureMetrics:
    """changes: of the limit."""
    marked = MarkedImages(counted(0.2, 40), counted(0.1, 32))
    return UnsureMetrics(replace(UnsureLimit(0.01, 0.875, "observed", marked), **changes), marked)


def prediction_speed(**changes: Any) -> PredictionSpeed:
    return replace(PredictionSpeed(0.0125, 0.0120, 0.0140, 3, 40, "cpu", 2, "32-true"), **changes)


def prediction_row(**changes: Any) -> PredictionRow:
    return replace(PredictionRow("test", 0, "cat/1.jpg", 0, 0, 0.8, 0.8, 0.223144), **changes)


def out_of_fold_row(**changes: Any) -> OutOfFoldRow:
    return replace(OutOfFoldRow("train", 0, "cat/1.jpg", 0, 0, 0.8, 0.8, 0.223144, 2), **changes)


def seed_prediction_row(**changes: Any) -> SeedPredictionRow:
    return replace(SeedPredictionRow("test", 0, "cat/1.jpg", 0, 0, 0.8, 0.8, 0.223144, 7), **changes)


def interpretation_summary(**changes: Any) -> InterpretationSummary:
    built = InterpretationSummary(
        "scratch", DIGEST, {"kernels": 4}, "gradcam", "log-odds of the predicted class", "blocks.1.1",
        "maps of 5×5 cells", 16, None, "the network takes images of one size only", [5, 5], counts=ExampleCounts(40, 5,
        4, 4, 4, 4), no_statistics="interpret.maps is 0", scores=MapScores("these maps may be trusted", True, 32,
        {"mosaic_energy": counted(), "evidence_energy": None}),
    )  # fmt: skip
    return replace(built, **changes)


def packaged_model(**changes: Any) -> PackagedModel:
    network = {"kind": "convnet", "widths": [4, 6], "dense": 8, "size": 16, "channels": 3, "outputs": 1}
    origin = ModelOrigin("scratch", "scratch", "critters", DIGEST)
    return replace(PackagedModel(network, preprocessing_settings(), CLASSES, origin, 1.25, 0.5), **changes)


def comparison_row(recipe: str = "scratch", accuracy: float = 0.9, **changes: Any) -> ComparisonRow:
    interval = metric(accuracy)
    every = {"": interval.value, "_low": interval.low, "_high": interval.high}
    names = ("test_accuracy", "test_accuracy_as_trained", "val_accuracy_kept", "val_accuracy_last")
    values: dict[str, Any] = {f"{name}{end}": value for name in names for end, value in every.items()}
    values |= {"family": "scratch", "chosen": False, "n_test": 40, "n_val": 40, "train_accuracy_last": 0.95}
    values |= {"gap_last": 0.05, "val_loss_kept": 0.4, "val_loss_last": 0.4, "temperature": 1.25, "threshold": 0.5}
    values |= {
        "parameters": 1000,
        "trainable": 100,
        "seconds": 75.0,
        "extraction_seconds": 0.0,
        "total_seconds": 75.0,
        "images_seen": 120,
        "predict_seconds": 0.0125,
        "predict_seconds_low": 0.0120,
        "predict_seconds_high": 0.0140,
        "predict_device": "cpu",
        "package_bytes": 12_000,
        "images_per_s": 40.0,
        "epochs": 3,
        "kept_epoch": 1,
    }
    values |= {"precision": "32-true", "device": "cpu"}
    return ComparisonRow(recipe, f"a {recipe}", **{**values, **changes})


def majority_row(**changes: Any) -> ComparisonRow:
    values = {"n_test": 40, "test_accuracy": 0.5, "test_accuracy_low": 0.4, "test_accuracy_high": 0.6}
    return ComparisonRow(MAJORITY, "always cat", **{**values, **changes})


def paired_comparison(**changes: Any) -> PairedComparison:
    return replace(PairedComparison(40, 30, 6, 1, 3, counted(0.125, 40), 0.125, False), **changes)


def pairwise_record(order: Sequence[str], **changes: Any) -> PairwiseRecord:
    """Not told apart, all of them."""
    pairs = [PairRecord(*pair, paired_comparison(), 0.25, False) for pair in combinations(order, 2)]
    needed = NeededImages(*order[:2], 0.175, 0.05, 0.8, 100, 0.2) if pairs else None
    return replace(PairwiseRecord(list(order), pairs, [list(order)], needed, ["None is told apart."]), **changes)


def comparison_table(recipes: Sequence[str] = ("scratch", "fine_tune"), **changes: Any) -> ComparisonTable:
    """The first recipe at 0.80, each further one 0.01 better; the last is recommended."""
    rows = [comparison_row(recipe, 0.8 + 0.01 * i, chosen=True) for i, recipe in enumerate(recipes)]
    last = recipes[-1]
    verdict = VerdictRecord(
        "from scratch, or start warm?", f"Start warm: {last}.", ["It is right more often."], [last, recipes[0]],
        recipes[0], last, paired_comparison(), last, f"use {last}: the others are clearly worse.",
    )  # fmt: skip
    built = ComparisonTable(
        "critters", DIGEST, CLASSES, SplitCounts(80, 40, 40), 0.95, "validation accuracy at the kept epoch",
        verdict=verdict, reference=recipes[0], rows=[majority_row(), *rows], pairwise=pairwise_record(recipes[::-1]),
        front_by_time=[last], metrics=[compared_metric(recipes=recipes)], left_out={}, suspects=SuspectCounts(0, 40, []),
    )  # fmt: skip
    return replace(built, **changes)
