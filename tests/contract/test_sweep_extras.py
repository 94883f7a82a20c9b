"""Sweeps by the packages of the extra ``sweep``: a search by Optuna that goes on where it stopped, jobs side by side."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sweep_script import run_sweep


def test_jobs_in_processes_of_their_own_fail_by_themselves(tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    words = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2", "seed=5,1,-1,6")
    done, jobs = run_sweep(tmp_path, *words)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert {number: job.get("value") for number, job in jobs.items()} == {"0": 0.5, "1": None, "2": None, "3": 0.6}
    assert "2 of 4 jobs finished" in done.stdout
    assert {line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("job ")} == {
        f"job {number}" for number in range(4)
    }


def test_a_search_tries_again_what_was_interrupted_and_ends_with_as_many_jobs_as_were_asked_for(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna")
    pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
    words = ("sweep=optuna", "hydra.sweeper.n_trials=4", "seed=choice(4,5,6)", "hydra.sweeper.sampler.seed=1")
    done, jobs = run_sweep(tmp_path, *words)
    assert done.returncode == 130, done.stderr
    before = len(jobs)
    again, jobs = run_sweep(tmp_path, *words)
    assert again.returncode == 0, again.stderr
    assert "4 of 4 jobs finished" in again.stdout and len(jobs) == 4
    assert "seed=4" in jobs[str(before + 1)]["overrides"]
    study = optuna.load_study(study_name="sweep", storage=f"sqlite:///{tmp_path}/sweep/study.sqlite")
    assert {str(trial.number): trial.value for trial in study.trials if trial.value is not None} == {
        number: job["value"] for number, job in jobs.items()
    }
    third, jobs = run_sweep(tmp_path, *words)
    assert third.returncode == 0 and len(jobs) == 4 and "job " not in third.stderr


def test_a_search_in_which_every_job_fails_ends_with_a_table(tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
    done, jobs = run_sweep(tmp_path, "sweep=optuna", "hydra.sweeper.n_trials=2", "seed=choice(1,2)")
    assert done.returncode == 1 and len(jobs) == 2
    assert "0 of 2" in done.stdout or "0 jobs finished, 2 failed" in done.stdout
    assert "fault:" not in done.stderr and "Traceback" not in done.stderr


def test_a_trial_below_the_median_is_stopped_and_stays_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    optuna = pytest.importorskip("optuna")
    from warmstart.training.pruning import TRIAL, Pruning

    storage = f"sqlite:///{tmp_path}/study.sqlite"
    study = optuna.create_study(study_name="sweep", storage=storage, direction="maximize")
    for value in (0.8, 0.9):
        trial = study.ask()
        for epoch in range(4):
            trial.report(value, epoch)
        study.tell(trial, value)

    def epochs(value: float, callback: Any) -> int:
        monkeypatch.setenv(TRIAL, json.dumps(["sweep", storage, study.ask().number]))
        trainer = SimpleNamespace(should_stop=False, sanity_checking=False, callback_metrics={"val/acc": value})
        callback.on_fit_start(trainer, None)
        for epoch in range(4):
            if trainer.should_stop:
                return epoch
            trainer.current_epoch = epoch
            callback.on_validation_end(trainer, None)
        return 4

    assert epochs(0.95, Pruning(1, 0)) == 4
    assert epochs(0.5, Pruning(9, 0)) == 4, "one of the first"
    stopped = Pruning(1, 2)
    assert epochs(0.5, stopped) == 3
    resumed = Pruning(1, 2)
    resumed.load_state_dict(stopped.state_dict())
    assert epochs(0.5, resumed) == 0


def test_without_a_trial_nothing_is_pruned(monkeypatch: pytest.MonkeyPatch) -> None:
    from warmstart.training.pruning import TRIAL, Pruning

    monkeypatch.delenv(TRIAL, raising=False)
    trainer, callback = SimpleNamespace(should_stop=False, sanity_checking=False), Pruning(0, 0)
    callback.on_fit_start(trainer, None)
    callback.on_validation_end(trainer, None)
    assert not trainer.should_stop
