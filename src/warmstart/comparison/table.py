"""The comparison as rows of plain figures, one per recipe."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from warmstart.comparison.finished import Finished
from warmstart.files.cells import text_cell
from warmstart.statistics.paired_tests import PairedComparison
from warmstart.statistics.proportions import wilson_interval
from warmstart.text.quantities import commonest

MAJORITY = "majority class"
COLUMNS = (
    *("recipe", "title", "family", "chosen"),
    *("n_test", "test_accuracy", "test_accuracy_low", "test_accuracy_high"),
    *("test_accuracy_as_trained", "test_accuracy_as_trained_low", "test_accuracy_as_trained_high"),
    *("versus", "difference", "difference_low", "difference_high", "mcnemar_p"),
    *("n_val", "val_accuracy_kept", "val_accuracy_kept_low", "val_accuracy_kept_high"),
    *("val_accuracy_last", "val_accuracy_last_low", "val_accuracy_last_high", "train_accuracy_last", "gap_last"),
    *(
        "test_loss",
        "test_loss_low",
        "test_loss_high",
        "test_loss_as_trained",
        "test_loss_as_trained_low",
        "test_loss_as_trained_high",
    ),
    *(
        "test_ece",
        "test_ece_low",
        "test_ece_high",
        "test_ece_as_trained",
        "test_ece_as_trained_low",
        "test_ece_as_trained_high",
    ),
    *("temperature", "threshold", "val_loss_kept", "val_loss_last"),
    *("parameters", "trainable", "seconds", "images_per_s", "epochs", "kept_epoch", "precision", "device"),
)


def majority_row(finished: Finished) -> dict[str, Any]:
    """What always giving the training images' most frequent class scores; the same whichever recipe tells it."""
    majority = finished.metrics["majority"]
    says = {"recipe": MAJORITY, "title": f"always {commonest(majority['classes'])}"}
    return _complete({**says, "n_test": majority["n"], **_interval("test_accuracy", majority["accuracy"])})


def recipe_row(
    finished: Finished, *, chosen: bool, versus: str | None, paired: PairedComparison | None, confidence: float
) -> dict[str, Any]:
    """A recipe's figures. Accuracies and differences are shares, not percent; seconds are of training alone.

    chosen: whether the verdict is about it. versus: the recipe it is paired with, if it is not that one.
    Test figures are as shipped, with the temperature and threshold found on validation images, and again ``as_trained``, without; those of
    validation are as trained. With folds, accuracies and losses are over all of them, seconds their sum; temperature, threshold, epochs,
    kept_epoch and images_per_s of fold 0.
    """
    summary, metrics, n_val = finished.summary, finished.metrics, finished.n_val
    kept, last, test, trained = finished.kept, finished.last, metrics["test"], metrics["as_trained"]["test"]
    row = {
        "recipe": finished.name,
        "title": summary["title"],
        "family": finished.family,
        "chosen": chosen,
        "n_test": test["n"],
        **_interval("test_accuracy", test["accuracy"]),
        **_interval("test_accuracy_as_trained", trained["accuracy"]),
        "n_val": n_val,
        **_interval("val_accuracy_kept", _share(kept["val/acc"], n_val, confidence)),
        **_interval("val_accuracy_last", _share(last["val/acc"], n_val, confidence)),
        "train_accuracy_last": last["train/acc"],
        "gap_last": last["train/acc"] - last["val/acc"],
        **_interval("test_loss", test["loss"]),
        **_interval("test_loss_as_trained", trained["loss"]),
        **_interval("test_ece", test["ece"]),
        **_interval("test_ece_as_trained", trained["ece"]),
        "temperature": metrics["temperature"],
        "threshold": metrics["threshold"],
        "val_loss_kept": kept["val/loss"],
        "val_loss_last": last["val/loss"],
        "parameters": summary["parameters"]["total"],
        "trainable": summary["parameters"]["trainable"],
        **{key: summary[key] for key in ("seconds", "images_per_s", "epochs", "kept_epoch", "precision", "device")},
    }
    if paired and versus:
        row |= {"versus": versus, **_interval("difference", paired.difference.to_dict()), "mcnemar_p": paired.p}
    return _complete(row)


def table_csv(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as CSV; what a row has no figure for is an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: text_cell(value) if isinstance(value, str) else value for key, value in row.items()} for row in rows
    )
    return text.getvalue()


def _share(share: float, n: int, confidence: float) -> dict[str, float]:
    """A share of n images with its interval."""
    return wilson_interval(round(share * n), n, confidence).to_dict()


def _interval(name: str, figure: dict[str, float]) -> dict[str, float]:
    return {name: figure["value"], f"{name}_low": figure["low"], f"{name}_high": figure["high"]}


def _complete(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row.get(key) for key in COLUMNS}
