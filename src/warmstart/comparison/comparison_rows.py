"""The rows of the comparison's table, one a recipe, and of the majority class."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from warmstart.comparison.cost import Cost
from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.messages import majority_name
from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick
from warmstart.records.comparison_row import MAJORITY, ComparisonRow
from warmstart.records.pairwise import PairRecord
from warmstart.statistics.intervals import Interval
from warmstart.statistics.proportions import wilson_interval


def majority_row(finished: FinishedRecipe, by: Yardstick = BY_ACCURACY) -> ComparisonRow:
    """The accuracy of always predicting the training images' most frequent class, from any finished recipe. Where
    another metric chooses, also its value for the same answer to every image.
    """
    majority = finished.metrics.majority
    return ComparisonRow(
        MAJORITY,
        f"always {majority_name(majority)}",
        n_test=majority.n,
        **majority.accuracy.columns("test_accuracy"),
        select_by=None if by.is_accuracy else by.name,
        test_selected=None if by.is_accuracy else by.guess(finished),
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
    by: Yardstick = BY_ACCURACY,
) -> ComparisonRow:
    """The metrics of a recipe.

    chosen: whether the verdict is about it. versus, pair: the recipe that it is compared with, and how, itself first;
    None where it is that recipe. cost: its own. by: the metric that chooses. Test metrics are as packaged, and again
    ``as_trained``; those of validation are as trained. With folds, accuracies and losses are over all of them and
    seconds their sum; temperature, threshold, epochs, kept_epoch, images_per_s and predict_seconds are of fold 0. With
    several seeds, accuracies, losses and calibration errors are means, with intervals over images; all else is of the
    first.
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
        **(_pair_columns(pair, by) if pair else {}),
        **({} if by.is_accuracy else _selected_columns(recipe, by)),
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


def charted_row(row: ComparisonRow) -> ComparisonRow:
    """The row with the metric that chooses in the place of its accuracy."""
    ends = {f"test_accuracy{end}": getattr(row, f"test_selected{end}") for end in ("", "_low", "_high")}
    return replace(row, **ends)


def _pair_columns(pair: PairRecord, by: Yardstick) -> dict[str, Any]:  # Any, for a row has fields of many types
    paired, name = pair.paired, "mcnemar_p" if by.is_accuracy else "p"
    tests = {name: paired.p, f"{name}_corrected": pair.p, "clear": pair.clear}
    return tests | paired.difference.columns("difference")


def _selected_columns(recipe: FinishedRecipe, by: Yardstick) -> dict[str, Any]:
    kept = {"select_by": by.name, "val_selected_kept": recipe.best.score(by.name)}
    return kept | by.on_test(recipe).columns("test_selected")


def _columns(recipe: FinishedRecipe, key: str, name: str) -> dict[str, Any]:
    interval = recipe.tested(key, as_trained=name.endswith("_as_trained"))
    return interval.columns(name) if interval else {}
