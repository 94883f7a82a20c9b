"""A sweep is one parent run with a child for every job that trained, and leaves DVC's outputs alone."""

from __future__ import annotations

import shutil
from pathlib import Path

from reliability.nursery import Nursery
from support import CHECKOUT, TINY, Folders


def test_a_sweep_is_one_parent_with_children_and_has_failed_where_one_job_has(
    forked: Nursery, tiny: Folders, tmp_path: Path
) -> None:
    for name in ("conf", "pipelines", "src"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(tiny.root, tmp_path / "artifacts/critters", ignore=shutil.ignore_patterns("recipes", ".resume"))
    (tmp_path / "artifacts/critters/images/test.npy").unlink()  # a sweep chooses by validation: nothing reads it
    before = {path.name for path in (tmp_path / "artifacts/critters").iterdir()}
    command = [str(tmp_path / "pipelines/train.py"), "-m", *TINY, "recipe=scratch", "schedule.epochs=1"]
    done = forked.python(
        *command, "seed=1,-1", cwd=Path("/"), fresh=True
    )  # from another working directory, as people do
    assert done.returncode == 1, done.stderr
    assert "1 of 2 jobs finished" in done.stdout and "Traceback" not in done.stderr
    assert {path.name for path in (tmp_path / "artifacts/critters").iterdir()} - before == {"sweeps"}
    from warmstart.tracking.store import open_store

    client = open_store(tmp_path)
    (experiment,) = [e for e in client.search_experiments() if e.name == "critters"]
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in runs if run is not parent]
    assert parent.info.status == "FAILED"
    assert {run.info.status for run in children} == {"FINISHED"}
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert [(run.data.tags["recipe"], run.data.params["seed"]) for run in children] == [("scratch", "1")]
    assert not [run for run in runs if "current" in run.data.tags]

    # Given again without its mistake: what had finished is not trained again; its runs stay with the sweep that trained
    # them.
    again = forked.python(*command, "seed=1,2", cwd=Path("/"), fresh=True)
    assert again.returncode == 0, again.stderr
    assert done.stderr.count("epoch 1/1") == again.stderr.count("epoch 1/1") == 1
    later = client.search_runs([experiment.experiment_id])
    new = [run for run in later if run.info.run_id not in {run.info.run_id for run in runs}]
    (new_parent,) = [run.info.run_id for run in new if "mlflow.parentRunId" not in run.data.tags]
    assert len(new) == 3 and {run.data.tags.get("mlflow.parentRunId") for run in new} == {None, new_parent}
    ids = {run.info.run_id for run in children}
    assert {run.data.tags["mlflow.parentRunId"] for run in later if run.info.run_id in ids} == {parent.info.run_id}
    models = sorted((tmp_path / "artifacts/critters/sweeps").glob("*/*/model/model.ckpt"))
    assert len(models) == 3 and len({model.read_bytes() for model in models}) == 2
    (picture,) = (tmp_path / "artifacts/critters/sweeps").glob("*/sweep.png")
    assert [file.path for file in client.list_artifacts(new_parent, "sweep")] == ["sweep/sweep.png"]
    assert f"warmstart promote {picture.parent}" in again.stdout
    assert not [path for path in (tmp_path / "artifacts/.resume").iterdir() if path.is_dir()], "the sweep has ended"
