"""In MLflow a recipe in folds is one run, with pooled metrics, and without a checkpoint a fold."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

from record_builders import evaluation_metrics, metric
from warmstart.records.training_state import FoldCount
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
