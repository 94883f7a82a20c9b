"""A job of a sweep that fails takes no other with it, and no two runs or sweeps share a folder."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from _sweep_parts import _check_metric
from reliability.nursery import Nursery
from sweep_script import run_sweep, sweep_words
from warmstart.config.paths import exclusive_folder
from warmstart.errors import UserError
from warmstart.records.sweep import SweepJob
from warmstart.tracking.sweep_jobs import job_table


@pytest.fixture
def sweep(forked: Nursery, tmp_path: Path) -> Any:
    """Run a sweep over seeds; returns the finished process and what each job left, by its number."""
    return partial(run_sweep, tmp_path, python=forked.python)


def test_the_other_jobs_run_and_the_end_says_what_became_of_each(sweep: Any) -> None:
    done, jobs = sweep("seed=1,2,5,-1,7,abc", "recipe=scratch")
    assert done.returncode == 1
    assert {number for number, job in jobs.items() if job["error"] is None} == {"2", "4"}
    assert "seed is -1" in jobs["3"]["error"] and "abc" in jobs["5"]["error"]
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 4
    assert "job 0" in errors[0] and "seed=1" in errors[0] and "recipe" not in errors[0]
    assert "the first line and a second" in errors[0]
    assert "RuntimeError" in errors[1] and "Traceback" not in done.stderr
    headings = [line for line in done.stderr.splitlines() if line.startswith("job ")]
    assert len(headings) == 6 and "seed=5" in headings[2]
    table = [line for line in done.stdout.splitlines() if line[:1].isdigit()][:6]
    assert [line.split()[1] for line in table] == ["1", "2", "5", "-1", "7", "abc"]
    assert "50.0 %" in table[2] and [line for line in table if line.endswith("best")] == [table[4]]
    assert "2 of 6" in done.stdout


def test_a_sweep_without_a_failure_ends_well(sweep: Any) -> None:
    done, jobs = sweep("seed=5,6", "balance=class_weights")
    assert done.returncode == 0, done.stderr
    assert [job["value"] for _, job in sorted(jobs.items())] == [0.5, 0.6]
    assert {job["select_by"] for job in jobs.values()} == {"balanced_accuracy"}


def test_a_folder_for_all_jobs_is_refused(sweep: Any) -> None:
    done, jobs = sweep("seed=5", "out_dir=one")
    assert done.returncode == 1 and "out_dir" in jobs["0"]["error"] and "hydra.sweep.dir" in jobs["0"]["error"]


def test_a_mistake_in_all_jobs_is_refused_before_any_of_them(sweep: Any, tmp_path: Path) -> None:
    done, _ = sweep("seed=5,6", "+optimizer.lrr=3")
    assert done.returncode == 1 and not (tmp_path / "sweep").exists()
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ") and "optimizer.lrr" in line and line.endswith("did you mean lr?")


def test_a_range_that_nobody_searches_is_refused(sweep: Any, tmp_path: Path) -> None:
    done, _ = sweep("optimizer.lr=interval(1e-5,1e-3)")
    assert done.returncode == 1 and not (tmp_path / "sweep").exists()
    assert "optimizer.lr=interval(1e-5,1e-3)" in done.stderr and "sweep=optuna" in done.stderr


@pytest.mark.parametrize(
    ("swept", "chosen", "direction", "key"),
    [
        ([], "loss", "maximize", "hydra.sweeper.direction=minimize"),
        ([], "auroc", "minimize", "hydra.sweeper.direction=maximize"),
        (["select_by"], None, "maximize", "select_by"),
        (["balance.class_weights"], None, "maximize", "balance.class_weights"),
        (["balance"], "auroc", "maximize", None),
        ([], "loss", "minimize", None),
        (["seed"], None, "maximize", None),
    ],
)
def test_optuna_compares_trials_by_one_metric_in_its_direction(
    swept: list[str], chosen: str | None, direction: str, key: str | None
) -> None:
    config = OmegaConf.create({"select_by": chosen, "balance": {}, "hydra": {"sweeper": {"direction": direction}}})
    if key is None:
        _check_metric(config, swept)
    else:
        with pytest.raises(UserError, match=re.escape(key)):
            _check_metric(config, swept)


def test_an_interrupt_ends_the_whole_sweep(sweep: Any) -> None:
    done, jobs = sweep("seed=5,3,6")
    assert done.returncode == 130
    assert list(jobs) == ["0"]


def test_two_who_ask_for_the_same_folder_get_two(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        folders = list(pool.map(exclusive_folder, [tmp_path / "sweeps" / "now"] * 64))
    assert len(set(folders)) == 64 and all(folder.is_dir() for folder in folders)


def test_two_runs_by_hand_in_one_moment_get_two_folders_and_one_that_wrote_nothing_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import _stage_paths

    monkeypatch.setattr(_stage_paths, "stamp", lambda: "now")
    places = [
        _stage_paths.StagePaths(tmp_path, tmp_path, "hand", None, tmp_path / "hand" / "scratch", "train")
        for _ in range(2)
    ]
    assert not (tmp_path / "hand").exists()
    first, second = (place.out for place in places)
    assert first != second and first.name == second.name == "model" and places[0].out == first
    second.mkdir()
    for place in places:
        place.remove_if_empty()
    assert not first.parent.exists() and second.exists()


def test_two_sweeps_in_one_moment_get_two_folders_of_each_dataset(tmp_path: Path) -> None:
    from omegaconf import OmegaConf

    from _sweep import _claim

    def config(dataset: str) -> Any:
        return OmegaConf.create({"hydra": {"sweep": {"dir": str(tmp_path / dataset / "sweeps" / "now")}}})

    claimed = []
    for _ in range(2):
        folders: dict[Path, Path] = {}
        claimed += [_claim(config(dataset), folders) for dataset in ("critters", "digits", "critters")]
    assert claimed[0] == claimed[2] and claimed[3] == claimed[5]
    assert len(set(claimed)) == 4


def test_sweeps_that_are_started_at_once_keep_all_of_their_results(forked: Nursery, tmp_path: Path) -> None:
    begun = [forked.begin(*sweep_words(tmp_path, f"seed={seed},{seed + 1}")) for seed in (10, 20, 30)]
    ends = [finished() for finished in begun]
    assert [done.returncode for done in ends] == [0, 0, 0], ends
    values = sorted(json.loads(file.read_text())["value"] for file in tmp_path.glob("sweep*/*/job.json"))
    assert values == [1.0, 1.1, 2.0, 2.1, 3.0, 3.1]


def test_the_table_shows_only_what_differs() -> None:
    jobs = [
        SweepJob(0, ["recipe=scratch", "seed=1"], 0.5),
        SweepJob(1, ["recipe=scratch", "seed=2"], 0.75),
        SweepJob(2, ["recipe=scratch", "seed=x"], error="no"),
    ]
    heading, *rows = job_table(jobs)
    assert heading.split() == ["job", "seed", "validation", "accuracy"]
    assert [row.split()[:3] for row in rows] == [["0", "1", "50.0"], ["1", "2", "75.0"], ["2", "x", "failed:"]]
    assert [row.endswith("best") for row in rows] == [False, True, False]
    assert "best" not in "".join(job_table(jobs[:1]))
