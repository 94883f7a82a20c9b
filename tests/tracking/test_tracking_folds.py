"""In MLflow a recipe in folds is one run, with pooled figures, and without a checkpoint a fold."""

from __future__ import annotations

import shutil
from typing import Any

from warmstart.files.plain import read_json, write_json
from warmstart.tracking.publish import publish


def test_folds_are_one_run_and_no_uploads(checkout: Any, dump: Any) -> None:
    run = checkout.recipe("scratch")
    for fold in (1, 2):
        folder = run.model / "folds" / str(fold)
        folder.mkdir(parents=True)
        (folder / "model.ckpt").write_bytes(b"a network")
        shutil.copy(run.model / "history.csv", folder)
        shutil.copy(run.model / "summary.json", folder)
    write_json(run.model / "folds" / "folds.json", {"folds": 3})
    summary = read_json(run.model / "summary.json")
    write_json(
        run.model / "summary.json", summary | {"mean": {"kept": {"val/acc": 0.75, "val/loss": 0.5}}, "seconds": 37.5}
    )
    each = [
        {"fold": fold, "n": 500, "accuracy": {"value": value, "low": 0, "high": 1}}
        for fold, value in enumerate((0.8, 0.7, 0.9))
    ]
    run.evaluated(0.8, folds=3, fold_accuracy=each)
    (run.evaluate / "out_of_fold.csv").write_text("split,row,fold\ntest,0,0\n")
    (run.evaluate / "out_of_fold_probabilities.npy").write_bytes(b"numbers")
    publish(checkout.root, "critters", checkout.folder)
    (only,) = dump(checkout.root).values()
    assert only["name"] == "scratch"
    figures = {key: values[-1][1] for key, values in only["metrics"].items()}
    assert figures["test/acc"] == 0.8 and figures["folds/count"] == 3 and figures["time/train_s"] == 37.5
    assert (figures["folds/lowest_test_acc"], figures["folds/highest_test_acc"], figures["folds/mean_val_acc"]) == (
        0.7,
        0.9,
        0.75,
    )
    assert "evaluate/out_of_fold.csv" in only["artifacts"]
    assert not [path for path in only["artifacts"] if path.endswith((".ckpt", ".npy")) or "folds" in path]
