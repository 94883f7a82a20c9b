"""In MLflow a recipe in folds, or with several seeds, is one run, without a checkpoint a fold or seed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

from record_builders import evaluation_metrics, metric, seed_metrics, seed_summary
from warmstart.records.training_state import FoldCount
from warmstart.records.training_summary import CurveMeans, FoldMeans
from warmstart.tracking.publish import publish


def test_folds_are_one_run_and_no_uploads(checkout: Any, dump: Any) -> None:
    run = checkout.recipe("scratch")
    for fold in (1, 2):
        folder = run.model / "folds" / str(fold)
        folder.mkdir(parents=True)
        (folder / "model.ckpt").write_bytes(b"a network")
        shutil.copy(run.model / "history.csv", folder)
    FoldCount(3).write(run.model / "folds" / "folds.json")
    run.finish(folds=3, seconds=37.5)
    folds = evaluation_metrics(folds=3).fold_accuracy or []
    each = [replace(fold, accuracy=metric(value)) for fold, value in zip(folds, (0.8, 0.7, 0.9), strict=True)]
    run.evaluated(0.8, folds=3, fold_accuracy=each)
    (run.evaluate / "out_of_fold.csv").write_text("split,row,fold\ntest,0,0\n")
    (run.evaluate / "out_of_fold_probabilities.npy").write_bytes(b"numbers")
    publish(checkout.root, "critters", checkout.folder)
    (only,) = dump(checkout.root).values()
    assert only["name"] == "scratch"
    metrics = {key: values[-1][1] for key, values in only["metrics"].items()}
    assert metrics["test/acc"] == 0.8 and metrics["folds/count"] == 3 and metrics["time/train_s"] == 37.5
    assert (metrics["folds/lowest_test_acc"], metrics["folds/highest_test_acc"]) == (0.7, 0.9)
    assert metrics["folds/mean_val_acc"] == run.rows[1].val_acc
    assert "evaluate/out_of_fold.csv" in only["artifacts"]
    assert not [path for path in only["artifacts"] if path.endswith((".ckpt", ".npy")) or "folds" in path]


def test_seeds_are_one_run_of_the_first_with_their_spread(checkout: Any, dump: Any) -> None:
    run = checkout.recipe("scratch")
    folder = run.model / "seeds" / "1"
    folder.mkdir(parents=True)
    (folder / "model.ckpt").write_bytes(b"a network")
    shutil.copy(run.model / "history.csv", folder)
    curves = CurveMeans(0.5, 0.9, 0.5, 0.8)
    spread = replace(curves, val_acc=0.05)
    run.finish(seeds=[seed_summary(7), seed_summary(8)], mean=FoldMeans(curves, curves), std=spread, seconds=37.5)
    run.evaluated(0.875, seeds=seed_metrics((0.875, 0.75)))
    publish(checkout.root, "critters", checkout.folder)
    (only,) = dump(checkout.root).values()
    metrics = {key: values[-1][1] for key, values in only["metrics"].items()}
    assert metrics["test/acc"] == 0.875 and metrics["time/train_s"] == 37.5
    seeds = {key.removeprefix("seeds/"): value for key, value in metrics.items() if key.startswith("seeds/")}
    assert seeds == {
        "count": 2, "mean_test_acc": 0.8125, "mean_test_acc_low": 0.5625, "mean_test_acc_high": 1.0,
        "lowest_test_acc": 0.75, "highest_test_acc": 0.875, "mean_val_acc": 0.8, "std_val_acc": 0.05,
    }  # fmt: skip
    assert not [key for key in metrics if key.startswith("folds/")]
    assert not [path for path in only["artifacts"] if path.endswith(".ckpt") or "seeds" in path]
