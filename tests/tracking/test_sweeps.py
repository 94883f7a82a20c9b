"""Sweeps: one parent run, its trials below it, also after mlruns/ was deleted."""

from __future__ import annotations

from typing import Any

import pytest

from warmstart.tracking.publish import publish
from warmstart.tracking.sweeps import end_sweep, start_sweep


def test_a_sweep_is_one_parent_with_its_trials(checkout: Any, dump: Any, run_folder: Any) -> None:
    folder = checkout.folder / "sweeps" / "2026-01-01"
    parent = start_sweep(checkout.root, "critters", folder, ["recipe=scratch,features", "seed=1,2"])
    assert parent is not None
    assert dump(checkout.root)[parent]["status"] == "RUNNING"
    for number in range(2):
        run_folder(folder / str(number), "scratch", "sweep", parent).epoch(2).finish()
    assert end_sweep(checkout.root, "critters", folder, "finished") == parent
    assert end_sweep(checkout.root, "critters", folder, "failed") == parent
    publish(checkout.root, "critters", checkout.folder)
    before = dump(checkout.root)
    assert before[parent]["status"] == "FINISHED"
    assert before[parent]["tags"]["sweep.overrides"] == "recipe=scratch,features seed=1,2"
    trials = [run for run_id, run in before.items() if run_id != parent]
    assert [run["tags"]["mlflow.parentRunId"] for run in trials] == [parent, parent]

    fresh = checkout.with_empty_store()
    report = publish(fresh.root, "critters", fresh.folder)
    after = dump(fresh.root)
    anew = report.runs["sweeps/2026-01-01"]
    assert anew != parent
    assert after[anew]["times"] == before[parent]["times"]
    trials = [run for run_id, run in after.items() if run_id != anew]
    assert [run["tags"]["mlflow.parentRunId"] for run in trials] == [anew, anew]
    publish(fresh.root, "critters", fresh.folder)
    assert dump(fresh.root) == after


def test_a_sweep_goes_on_without_mlflow(checkout: Any, caplog: pytest.LogCaptureFixture) -> None:
    (checkout.root / "mlruns" / "mlflow.db").unlink()
    (checkout.root / "mlruns" / "mlflow.db").mkdir()
    assert start_sweep(checkout.root, "critters", checkout.folder / "sweeps" / "s", ["seed=1"]) is None
    assert (checkout.folder / "sweeps" / "s" / "sweep.json").exists()
    assert "publish.py" in caplog.text
