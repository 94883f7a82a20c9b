"""The rows of the comparison's table, one a recipe, and of the majority class."""

from __future__ import annotations

from typing import Any

from warmstart.comparison.cost import Cost
from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.messages import majority_name
from warmstart.records.comparison_row import MAJORITY, ComparisonRow
from warmstart.records.pairwise import PairRecord
from warmstart.statistics.intervals import Interval
from warmstart.statistics.proportions import wilson_interval


def majority_row(finished: FinishedRecipe) -> ComparisonRow:
    """The accuracy of always predicting the training images' most frequent class, from any finished recipe."""
    majority = finished.metrics.majority
    return ComparisonRow(
        MAJORITY,
        f"always {majority_name(majority)}",
        n_test=majority.n,
        **majority.accuracy.columns("test_accuracy"),
    )


def recipe_row(
    recipe: FinishedRecipe,
    *,
    title: str,
    chosen: bool,
    versus: str,
    pair: PairRecord | None,
    cost: Cost,
    confidence: float,
) -> ComparisonRow:
    """The metrics of a recipe.

    chosen: whether the verdict is about it. versus, pair: the recipe that it is compared with, and how, itself first;
    None where it is that recipe. cost: its own. Test metrics are as packaged, and again ``as_trained``;
    those of validation are as trained. With folds, accuracies and losses are over all of them and seconds their sum;
    temperature, threshold, epochs, kept_epoch, images_per_s and predict_seconds are of fold 0. With several seeds,
    accuracies, losses and calibration errors are means, with intervals over images; all else is of the first.
    """
    summary, metrics, speed, n_val = recipe.summary, recipe.metrics, recipe.speed, recipe.n_val
    best, last = recipe.best, recipe.last

    def validation(share: float) -> Interval:
        return wilson_interval(round(share * n_val), n_val, confidence)

    return ComparisonRow(
        recipe.name,
        title,
        family=recipe.family,
        chosen=chosen,
        n_test=metrics.test.n,
        n_val=n_val,
        versus=versus if pair else None,
        **(_pair_columns(pair) if pair else {}),
        **_columns(recipe, "accuracy", "test_accuracy"),
        **_columns(recipe, "accuracy", "test_accuracy_as_trained"),
        **validation(best.val_acc).columns("val_accuracy_kept"),
        **validation(last.val_acc).columns("val_accuracy_last"),
        **_columns(recipe, "loss", "test_loss"),
        **_columns(recipe, "loss", "test_loss_as_trained"),
        **_columns(recipe, "ece", "test_ece"),
        **_columns(recipe, "ece", "test_ece_as_trained"),
        train_accuracy_last=last.train_acc,
        gap_last=last.train_acc - last.val_acc,
        temperature=metrics.temperature,
        threshold=metrics.threshold,
        val_loss_kept=best.val_loss,
        val_loss_last=last.val_loss,
        parameters=summary.parameters.total,
        trainable=summary.parameters.trainable,
        seconds=summary.seconds,
        extraction_seconds=cost.extraction_seconds,
        total_seconds=cost.seconds,
        images_seen=cost.images_seen,
        predict_seconds=speed.seconds_per_image,
        predict_seconds_low=speed.seconds_fastest,
        predict_seconds_high=speed.seconds_slowest,
        predict_device=speed.device,
        package_bytes=cost.package_bytes,
        images_per_s=summary.images_per_s,
        epochs=summary.epochs,
        kept_epoch=summary.kept_epoch,
        precision=summary.precision,
        device=summary.device,
    )


def _pair_columns(pair: PairRecord) -> dict[str, Any]:  # Any, for a row has fields of many types
    paired = pair.paired
    tests = {"mcnemar_p": paired.p, "mcnemar_p_corrected": pair.p, "clear": pair.clear}
    return tests | paired.difference.columns("difference")


def _columns(recipe: FinishedRecipe, key: str, name: str) -> dict[str, Any]:
    interval = recipe.tested(key, as_trained=name.endswith("_as_trained"))
    return interval.columns(name) if interval else {}
