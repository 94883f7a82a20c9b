"""The study of a sweep by Optuna, in a file of its folder: continued where it stopped, and found by its jobs."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from omegaconf import DictConfig, OmegaConf

TRIAL = "WARMSTART_TRIAL"  # as warmstart.training.pruning reads it

STUDY_FILE = "study.sqlite"
FIRST = "WARMSTART_SWEEP_FIRST"  # how many trials the study had when this sweep began: its jobs count on from there
NONE_FINISHED = ("No trials are completed", "Record does not exist")  # as a study in memory and one in a file say it
NUMBERED_ON = "${job_number:${hydra.job.num}}"  # the name of a job's folder


def job_number(number: int) -> int:
    """The number of a job in all of a study, which is that of its trial. number: Hydra's, which begins at 0 again."""
    return int(number) + int(os.environ.get(FIRST, 0))


OmegaConf.register_new_resolver("job_number", job_number, replace=True)


def has_study(config: Any) -> bool:
    """Whether Optuna chooses the jobs of a sweep. config: with Hydra's part."""
    return "optuna" in str(config.hydra.sweeper.get("_target_")) and bool(config.hydra.sweeper.get("storage"))


def lock_study(folder: Path) -> FileLock | None:
    """Lock the study of a sweep's folder for this process; None where another process has it."""
    lock = FileLock(folder / ".study.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def continue_study(sweeper: DictConfig) -> None:
    """Take up the study of a sweep that has stopped, if there is one, for as many trials as are missing.

    What was being trained is tried again first: its training resumes.
    """
    import optuna
    from optuna.trial import TrialState

    warnings.filterwarnings("ignore", category=FutureWarning, module="optuna|hydra_plugins")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if sweeper.study_name not in optuna.get_all_study_names(sweeper.storage):
        return
    study = optuna.load_study(study_name=sweeper.study_name, storage=sweeper.storage)
    trials = study.get_trials(deepcopy=False)
    begun = sum(trial.state != TrialState.WAITING for trial in trials)
    os.environ[FIRST] = str(begun)
    if sweeper.sampler.get("seed") is not None:
        sweeper.sampler.seed += begun  # or the same values would be proposed again
    for trial in trials:
        if trial.state == TrialState.RUNNING:
            study.tell(trial.number, state=TrialState.FAIL)
            study.enqueue_trial(trial.params)
    sweeper.n_trials = max(0, sweeper.n_trials - sum(trial.state == TrialState.COMPLETE for trial in trials))


def name_trial(settings: Any, number: int) -> None:
    """Tell the training of a job, by a variable, which trial it is. settings: Hydra's of the job."""
    sweeper = settings.sweeper
    os.environ[TRIAL] = json.dumps([sweeper.study_name, sweeper.storage, number])


def none_finished(error: BaseException) -> bool:
    """Whether this is what Optuna raises at the end of a study in which every job failed."""
    return isinstance(error, ValueError) and str(error).startswith(NONE_FINISHED)
