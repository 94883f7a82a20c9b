"""A sweep: a job that fails keeps no other from running; in MLflow, one parent run with a child for every training."""

from __future__ import annotations

import copy
import json
import logging
import os
import shlex
import traceback
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from filelock import FileLock
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, open_dict

import _study
from _app import user_root
from _compose import check_unresolved
from _errors import readable_errors
from _sweep_parts import check_sweep
from warmstart.config.paths import exclusive_folder
from warmstart.config.selection import selected_by
from warmstart.errors import UserError
from warmstart.records.run_identity import Ending
from warmstart.records.sweep import SweepJob
from warmstart.runtime import interrupts
from warmstart.runtime.console import exit_on_user_error, say, start_logging, warn
from warmstart.runtime.machine_errors import sentence
from warmstart.tracking.sweep_jobs import JOB_FILE, job_table, own_overrides, read_jobs
from warmstart.training.state_folders import forget_finished

TRAINING = ("train", "fine_tune")
ENDED = "{finished} of {jobs} jobs finished, in {folder}"
CUT_SHORT = "the sweep was cut short: {finished} jobs finished, {failed} failed, in {folder}"
PROMOTE = "`warmstart promote {folder}` makes a recipe of the best"
# Variables for a job, which may run in a process of its own: the overrides that all jobs share, and why it could not be
# composed.
COMMON, REFUSED = "WARMSTART_SWEEP_COMMON", "WARMSTART_JOB_REFUSED"
log = logging.getLogger("warmstart")


class ParentRun(Callback):
    """Hydra calls this around a multirun; the children find the parent's id in an environment variable."""

    running: ParentRun | None = None  # the sweep of this process, until it has ended

    def __init__(self) -> None:
        self.tracked, self.order = False, ExitStack()
        self.lock: FileLock | None = None  # of a study, until the process ends
        self.folders: dict[Path, Path] = {}  # of each dataset's jobs: as the configuration says it, and as it was made

    def __getstate__(self) -> dict[str, Any]:
        """What a process needs in which a launcher runs jobs."""
        return {**self.__dict__, "order": None, "lock": None}

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Make the sweep's folder and, for sweeps that train, start the parent run."""
        with exit_on_user_error():
            check_unresolved(config, leave_out=["data"])  # a mistake in all jobs; the data may be what differs
            check_sweep(config)
            folder = self._make_folder(config)
            ParentRun.running = self
            self.order.enter_context(interrupts.in_order())
            common = [str(word).lstrip("+") for word in config.hydra.overrides.task]
            os.environ[COMMON] = json.dumps(common)
            warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)  # joblib starts another
            tolerate_failed_jobs(GlobalHydra.instance().config_loader(), self.folders)
            if config.hydra.job.name in TRAINING and config.tracking.live:
                self._start(str(config.data.name), folder, common)

    def on_job_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Say which values a job of a sweep has."""
        interrupts.check()
        start_logging()  # which a process of a launcher has not done
        if self.folders:
            number = _study.job_number(config.hydra.job.num)
            log.info("job %d: %s", number, _differing_words(config.hydra.overrides.task))

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """End the sweep, and the process with 1 where a job failed."""
        if self.end(config.hydra.sweep.dir):
            raise SystemExit(1)
        # Until here, finished trainings are kept, so that the same sweep does not train them again.
        for folder in self.folders.values():
            forget_finished(user_root() / "artifacts/.resume", "sweep", below=folder)

    def end(self, folder: str, cut_short: BaseException | None = None) -> int:
        """Print a table of the jobs that have ended, and end the parent run. Returns how many failed.

        cut_short: what keeps the other jobs from running. A second call does nothing.
        """
        if ParentRun.running is not self:
            return 0
        ParentRun.running = None
        self.order.close()
        jobs = read_jobs(dict.fromkeys(self.folders.values()))
        failed = sum(bool(job.error) for job in jobs)
        _draw(Path(folder), jobs)
        if self.tracked:
            from warmstart.tracking.sweeps import end_sweep

            killed = cut_short is not None and interrupts.heard(cut_short)
            status: Ending = "killed" if killed else "failed" if failed or cut_short else "finished"
            end_sweep(self.root, self.dataset, self.folder, status)
        template = CUT_SHORT if cut_short else ENDED
        text = template.format(finished=len(jobs) - failed, jobs=len(jobs), failed=failed, folder=folder)
        say("\n".join(["", *(job_table(jobs) if jobs else []), text]))
        if any(job.value is not None for job in jobs):
            say(PROMOTE.format(folder=shlex.quote(str(Path(folder)))))
        return failed

    def _make_folder(self, config: DictConfig) -> Path:
        """The folder of the sweep: a new one, or that of a study which has stopped, if the configuration names it."""
        if not _study.has_study(config):
            folder = _claim(config, self.folders)
        else:
            wanted = Path(str(config.hydra.sweep.dir)).resolve()
            lock = _study.lock_study(wanted) if (wanted / _study.STUDY_FILE).exists() else None
            if lock:
                self.folders[wanted] = wanted
            folder = _claim(config, self.folders)
            self.lock = lock or _study.lock_study(folder)
            _study.continue_study(config.hydra.sweeper)
        self.folders[folder] = folder
        return folder

    def _start(self, dataset: str, folder: Path, common: list[str]) -> None:
        from warmstart.tracking.sweeps import start_sweep

        self.root, self.dataset, self.folder, self.tracked = user_root(), dataset, folder, True
        if parent := start_sweep(self.root, dataset, folder, common):
            os.environ["WARMSTART_SWEEP_RUN"] = parent


def end_early(error: BaseException) -> None:
    """End the sweep of this process, if there is one at work, which ``error`` has cut short."""
    if sweep := ParentRun.running:
        with interrupts.undisturbed():
            failed = sweep.end(str(next(iter(sweep.folders.values()))), error)
        if failed and _study.none_finished(error):
            raise SystemExit(1) from None


def tolerate_failed_jobs(loader: ConfigLoader, folders: dict[Path, Path]) -> None:
    """Let a job that cannot be composed fail by itself, not the whole sweep. folders: as in ``ParentRun``; added to."""
    # A partial, because launchers may pickle the loader.
    loader.load_sweep_config = partial(_load_tolerantly, loader, folders)  # type: ignore[method-assign]


def _load_tolerantly(
    loader: ConfigLoader, folders: dict[Path, Path], master_config: DictConfig, sweep_overrides: Sequence[str]
) -> DictConfig:
    try:
        with readable_errors():
            config = type(loader).load_sweep_config(loader, master_config, list(sweep_overrides))
    except UserError as error:
        config = copy.deepcopy(master_config)
        with open_dict(config):
            task = [word for word in sweep_overrides if not word.startswith(("hydra.", "hydra/"))]
            config.hydra.overrides.task = task
            config.hydra.job.env_set[REFUSED] = quote(str(error))
    _claim(config, folders)
    return config


def run_job(work: Callable[[], float | None], config: DictConfig) -> float | None:
    """Do the ``work`` of one job and write job.json into its folder; None where it failed. Interrupts are raised.

    config: of the job, composed.
    """
    settings = HydraConfig.get()
    folder, number = Path(settings.runtime.output_dir), _study.job_number(settings.job.num)
    if _study.has_study(HydraConfig.instance().cfg):
        _study.name_trial(settings, number)
    overrides = [str(word).lstrip("+") for word in settings.overrides.task]
    try:
        if refused := os.environ.get(REFUSED):
            raise UserError(unquote(refused))
        value = work()
    except Exception as error:
        interrupts.check()  # then it is no failure of this job
        reason = _reason(error, folder)
        warn(f"error: job {number} ({_differing_words(overrides)}): {reason}")
        SweepJob(number, overrides, error=reason).write(folder / JOB_FILE)
        return None
    by = selected_by(config) if value is not None else None
    SweepJob(number, overrides, value, select_by=by).write(folder / JOB_FILE)
    return value


def _differing_words(overrides: Iterable[str]) -> str:
    return own_overrides([str(word).lstrip("+") for word in overrides], json.loads(os.environ.get(COMMON, "[]")))


def _reason(error: Exception, folder: Path) -> str:
    """Why a job failed, in one line. A fault of the code leaves its stack trace in the job's folder."""
    if text := sentence(error):
        return " ".join(text.split())
    file = folder / "traceback.txt"
    file.write_text("".join(traceback.format_exception(error)), encoding="utf-8", errors="backslashreplace")
    return f"{type(error).__name__}: {' '.join(str(error).split())} (the stack trace is in {file})"


def _draw(folder: Path, jobs: Sequence[SweepJob]) -> None:
    """Write the picture of a sweep that has trained. Failing at that changes nothing else."""
    if any(job.value is not None for job in jobs):
        from warmstart.tracking.sweep_picture import write_picture

        try:
            write_picture(folder, jobs)
        except Exception as error:
            warn(f"the picture of the sweep could not be drawn: {error}")


def _claim(config: DictConfig, folders: dict[Path, Path]) -> Path:
    """Make the folder that the configuration names, or another where somebody has made that, and name it instead."""
    wanted = Path(str(config.hydra.sweep.dir)).resolve()
    if wanted not in folders:
        folders[wanted] = exclusive_folder(wanted)
    config.hydra.sweep.dir = str(folders[wanted])
    if _study.FIRST in os.environ:
        config.hydra.sweep.subdir = _study.NUMBERED_ON
    return folders[wanted]
