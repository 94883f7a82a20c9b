"""A valid record of each class, for what all of them have to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from data_builders import (
    audit_report,
    feature_cache_meta,
    finding_record,
    manifest_row,
    photo_row,
    preparation,
    prepared_images,
    scan_record,
)
from record_builders import (
    DIGEST,
    TIME,
    comparison_row,
    comparison_table,
    evaluation_metrics,
    fold_summary,
    history,
    interpretation_summary,
    majority_row,
    out_of_fold_row,
    packaged_model,
    prediction_row,
    prediction_speed,
    run_identity,
    seed_metrics,
    seed_prediction_row,
    seed_summary,
    start_checkpoint,
    training_summary,
    unsure_metrics,
)
from warmstart.records.base import Record
from warmstart.records.batch_norm import BatchNormRow
from warmstart.records.comparison import SuspectRow
from warmstart.records.embedding import EmbeddingRow
from warmstart.records.feature_extraction import ExtractionTime, FeatureExtraction
from warmstart.records.intervals import Interval, MetricInterval
from warmstart.records.layers import Layer, LayerTable
from warmstart.records.learning_curve import (
    BoundedNumber,
    CatchUp,
    CurveLaw,
    CurveOrigin,
    CurveSize,
    LearningCurve,
    PointRecord,
    PointRow,
    RecipeCurve,
)
from warmstart.records.lesson import LessonFigures
from warmstart.records.lr_find import LRSearch
from warmstart.records.pages import (
    ActivationsPage,
    DepthTrend,
    DepthTrends,
    PatternComparison,
    PatternLayer,
    PatternMedians,
    PatternsPage,
    PatternsSummary,
    PatternTiles,
)
from warmstart.records.resized import ResizedImages
from warmstart.records.robustness import CorruptedAccuracy, CorruptedRow, Robustness
from warmstart.records.run_identity import Published
from warmstart.records.slices import SliceRow
from warmstart.records.suggestion import LabellingEvidence, LabellingPoint, SuggestedPhoto, Suggestion
from warmstart.records.sweep import Sweep, SweepJob
from warmstart.records.table import Row
from warmstart.records.thresholds import ThresholdRow
from warmstart.records.training_state import FinishedFold, FinishedTraining, FoldCount, SeedNetwork, TrainingInputs
from warmstart.records.training_summary import (
    TrainingCounts,
)


def activations_page(**changes: Any) -> ActivationsPage:
    trends = DepthTrends(DepthTrend(0.5, 0.25, 4, "no clear trend with depth"), None, None)
    built = ActivationsPage(photos=16, layers=[{"name": "conv"}], counted=4, depth=trends, meaning={}, top_photos=[])
    return replace(built, **changes)


def patterns_page(**changes: Any) -> PatternsPage:
    tiles = PatternTiles("conv", "conv", "conv.png", "plain", [{"channel": 0}])
    return replace(PatternsPage(48, 4, 0, 16, [tiles]), **changes)


def patterns_summary(**changes: Any) -> PatternsSummary:
    medians = PatternMedians(0, 3.0, 0.875, 0.5, 0.5)
    layer = PatternLayer("conv", "conv", "conv.png", "plain", 2, 32, 0, 3.0, None, 0.5, 0.5)
    comparison = PatternComparison("conv", medians, medians)
    return replace(PatternsSummary("recipe", "scratch", DIGEST, [layer], comparison), **changes)


def sweep(**changes: Any) -> Sweep:
    return replace(Sweep("e" * 32, "2024-01-01_10-00-00", ["optimizer.lr=0.1,0.2"], TIME, "RUNNING", None), **changes)


def finished_fold(**changes: Any) -> FinishedFold:
    built = FinishedFold(list(history().epochs), "best-1.ckpt", TrainingCounts(40, 40), {"best-1.ckpt": DIGEST}, 30.0)
    return replace(built, **changes)


def training_inputs(**changes: Any) -> TrainingInputs:
    built = TrainingInputs({"seed": "0"}, {"the prepared images": DIGEST}, {"src/warmstart/files/plain.py": DIGEST})
    return replace(built, **changes)


def layer_table(*layers: Layer) -> LayerTable:
    return LayerTable(list(layers) or [Layer("conv", "Conv2d", [32, 8, 8], 10, 10)])


def batch_norm_row(**changes: Any) -> BatchNormRow:
    return replace(BatchNormRow(1, 3, "blocks.0.2", 1.25, 5.5, 0.970299), **changes)


def suspect_row(**changes: Any) -> SuspectRow:
    return replace(SuspectRow("cat/1.jpg", "cat", "dog", 0.875, 0.5, 0.75, "a linear probe"), **changes)


def slice_row(**changes: Any) -> SliceRow:
    built = SliceRow(
        "scratch", "brightness", "lowest quarter", 1, 0.25, 0.5, 40, 30, 0.75, 0.5, 0.875, -0.125, -0.25, 0.125, 0.25, 1.0,
        False, False,
    )  # fmt: skip
    return replace(built, **changes)


def threshold_row(**changes: Any) -> ThresholdRow:
    measured = (0.75, 0.5, 0.875)
    return replace(ThresholdRow("scratch", "dog", 0.3, False, 40, 20, *measured, *measured, *measured), **changes)


def lr_search(**changes: Any) -> LRSearch:
    curve = {"rates": [1e-5, 1e-4], "losses": [0.75, 0.5], "smoothed": [0.75, 0.5], "slopes": [-0.25, -0.25]}
    found = {"configured": 1e-3, "steepest": 1e-4, "safe": 2e-5, "lowest": 1e-4, "stopped": False}
    return replace(LRSearch("scratch", "critters", DIGEST, "torch.optim.Adam", **curve, **found), **changes)


def robustness_record() -> Robustness:
    accuracy = MetricInterval(0.75, 0.5, 0.875)
    return Robustness(40, 96, 0, accuracy, accuracy, [CorruptedAccuracy("jpeg", 5, accuracy)])


def point_row(**changes: Any) -> PointRow:
    return replace(PointRow("scratch", 0.5, 24, 7, 0.75, 4, 3, 96, 1.5), **changes)


def learning_curve(**changes: Any) -> LearningCurve:
    measured = MetricInterval(0.75, 0.5, 0.875)
    law = CurveLaw(measured, measured, measured, 48, None, measured, BoundedNumber(96, 48, None))
    curve = RecipeCurve("scratch", "scratch", [CurveSize(1.0, 48, measured, [0.75])], law)
    caught = CatchUp("scratch", "features", BoundedNumber(None, 48, None), 0.25, 48, measured)
    return replace(LearningCurve("accuracy", 0.95, 16, [7], 480, [curve], caught, ["a sentence"]), **changes)


def suggestion(**changes: Any) -> Suggestion:
    share, enough = Interval(0.75, 0.5, 0.875, 40), Interval(132.5, 117.0, 150.0, 40)
    point = LabellingPoint(20, share, share, Interval(0.0, -0.25, 0.25, 40))
    evidence = LabellingEvidence(80, 40, 4, 3.0, 0.95, [point], share, "better", enough, DIGEST)
    return replace(Suggestion("critters", "linear_probe", ["new"], 50, 10, 1, 2, 1, 6, evidence, ""), **changes)


def suggested_photo(**changes: Any) -> SuggestedPhoto:
    return replace(SuggestedPhoto(1, "new/1.jpg", "cat", 0.75, "unsure", "cat/1.jpg", 0.25), **changes)


def every_record() -> dict[str, Record]:
    """A record of each class, by the path of its file in a dataset's folder."""
    recipe = "recipes/scratch"
    return {
        "images/meta.json": prepared_images(),
        "prepared.json": preparation(),
        "resized/224/meta.json": ResizedImages(224, DIGEST, {"train": DIGEST, "val": DIGEST, "test": DIGEST}),
        "scan/scan.json": scan_record(),
        "feature_cache/meta.json": feature_cache_meta(),
        "feature_extract.json": FeatureExtraction([ExtractionTime(16, 80, 4.25)], "cpu"),
        f"{recipe}/model/summary.json": training_summary(folds=3),
        f"{recipe}/model/folds/1/summary.json": fold_summary(1),
        f"{recipe}/model/folds/folds.json": FoldCount(3),
        "recipes/seeded/model/summary.json": training_summary(seeds=[seed_summary(7), seed_summary(8)]),
        "recipes/seeded/model/seeds/1/summary.json": seed_summary(),
        "recipes/seeded/model/folds/folds.json": FoldCount(1, [SeedNetwork(7, DIGEST), SeedNetwork(8, DIGEST)]),
        "recipes/seeded/evaluate/metrics.json": evaluation_metrics(seeds=seed_metrics()),
        "seeded/report/table.json": comparison_table(over_seeds={"scratch": seed_metrics()}),
        f"{recipe}/model/run.json": run_identity(starts_from=start_checkpoint()),
        f"{recipe}/model/layers.json": layer_table(),
        f"{recipe}/evaluate/metrics.json": evaluation_metrics(folds=3, unsure=unsure_metrics()),
        f"{recipe}/evaluate/speed.json": prediction_speed(),
        f"{recipe}/evaluate/robustness.json": robustness_record(),
        f"{recipe}/evaluate/package/model.json": packaged_model(unsure=unsure_metrics().chosen),
        f"{recipe}/interpret/summary.json": interpretation_summary(),
        f"{recipe}/learning_curve/origin.json": CurveOrigin("scratch", "scratch", DIGEST, [0.5, 1.0], [7, 8]),
        "state/point.json": PointRecord("scratch", 0.5, 24, 7, 4, 3, 96, 1.5),
        "report/learning_curve.json": learning_curve(),
        f"{recipe}/interpret/activations/activations.json": activations_page(),
        f"{recipe}/interpret/patterns/patterns.json": patterns_page(),
        "lesson/patterns/summary.json": patterns_summary(),
        "lesson/batch_norm/batch_norm.json": LessonFigures({"steps": 3, "check": None}, DIGEST),
        "report/table.json": comparison_table(folds=3, tested_on="images, out of fold in 3 folds"),
        "hand/scratch/2024/lr_find/lr_find.json": lr_search(),
        "suggest/suggest.json": suggestion(),
        "audit/audit.json": audit_report(finding_record()),
        "sweeps/2024/sweep.json": sweep(),
        "sweeps/2024/0/job.json": SweepJob(0, ["optimizer.lr=0.1"], 0.9),
        "published.json": Published("1", {"recipes/scratch/model": "f" * 32}),
        "state/fold.json": finished_fold(),
        "state/finished.json": FinishedTraining("/out"),
        "state/made_of.json": training_inputs(),
    }


def every_row() -> dict[str, list[Row]]:
    """Rows of each class, by the path of their file: a plain one, and one with odd names and empty cells."""
    recipe, odd = "recipes/scratch", "=cat/1.jpg"
    unknown = dict.fromkeys(("unit", "bytes", "width", "height", "frames", "brightness", "contrast", "red"))
    return {
        "images/manifest.csv": [manifest_row(), manifest_row(path=odd, bytes=None, unit=None, labelled="dog", fold=2)],
        "scan/photos.csv": [
            photo_row(),
            photo_row(path=odd, class_name="=cat", split="", fate="left_out", reason="blank", **unknown),
        ],
        f"{recipe}/model/history.csv": list(history().epochs),
        f"{recipe}/model/batch_norm.csv": [batch_norm_row(), batch_norm_row(epoch=2)],
        f"{recipe}/evaluate/predictions.csv": [prediction_row(), prediction_row(path=odd, split="val")],
        f"{recipe}/evaluate/seed_predictions.csv": [seed_prediction_row(), seed_prediction_row(path=odd, seed=8)],
        f"{recipe}/evaluate/robustness.csv": [
            CorruptedRow("cat/1.jpg", "none", 0, 0, 0),
            CorruptedRow(odd, "jpeg", 5, 1, 0),
        ],
        f"{recipe}/evaluate/out_of_fold.csv": [out_of_fold_row(), out_of_fold_row(path=odd, fold=0)],
        f"{recipe}/learning_curve/points.csv": [point_row(), point_row(recipe="=recipe", seed=8)],
        "report/table.csv": [majority_row(), comparison_row("=recipe", chosen=True)],
        "report/slices.csv": [slice_row(), slice_row(value="=cat", quarter=None, difference=None, p=None, spurious=True)],
        "report/thresholds.csv": [threshold_row(), threshold_row(positive="=dog", precision=None, packaged=True)],
        "report/embedding.csv": [
            EmbeddingRow("cat/1.jpg", "cat", 0.25, -12.5, ""), EmbeddingRow(odd, "=cat", -1.0, 2.0, "scratch fine_tune"),
        ],
        "suggest/suggest.csv": [suggested_photo(), suggested_photo(path=odd, predicted="=cat", nearest=odd)],
        "report/corrections.csv": [suspect_row(), suspect_row(path=odd, given="=cat", new_label="'dog")],
    }  # fmt: skip
