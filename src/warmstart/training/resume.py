"""The state of a training, from which it is resumed when it was interrupted.

A state is a folder named by the digest of the training's inputs (see ``training_inputs``). It holds run.json,
config.yaml, made_of.json and the files of the folds, and finished.json where the training is complete and its result
may still be lost: DVC removes ``model`` before a stage runs, so if DVC dies before it has noted the result, this is
lost; and a sweep that is run again runs all its jobs.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from warmstart.errors import UserError
from warmstart.files.plain import write_text
from warmstart.records.run_identity import RunIdentity
from warmstart.records.training_state import FinishedTraining, TrainingInputs
from warmstart.training import messages
from warmstart.training.state_folders import (
    FINISHED_FILE,
    RUN_FILE,
    aside_of,
    forget_finished,
    last_modified,
    list_states,
    lock_file,
    locked,
    prune_states,
    read_or_none,
    remove_state,
)
from warmstart.training.training_inputs import differences, inputs_digest

log = logging.getLogger(__name__)
CONFIG_FILE, INPUTS_FILE = "config.yaml", "made_of.json"
KEPT_KINDS = ("dvc", "sweep")  # of runs whose finished state is kept
MAX_WAIT_SECONDS = 1.0  # for a lock that another process holds only to look


@contextmanager
def resume_state(
    root: Path, inputs: TrainingInputs, run: RunIdentity, config: Mapping[str, Any], out_dir: Path
) -> Iterator[Path]:
    """Give the folder of a training's state, locked for this process: the existing one, or a new one.

    root: holds the states of all trainings. inputs, and the kind of ``run``: identify the state. run: of an existing
    state, run_key, created and mlflow_run_id stay, unless its result was written to another folder than ``out_dir``,
    which makes this another run. config: as it is recorded.

    After an exception the state stays for the next attempt. Otherwise the training is complete, and the state is
    removed, or for ``KEPT_KINDS`` marked as finished until ``forget_finished`` removes it. Raises UserError if another
    process has it locked.
    """
    folder = root / inputs_digest(inputs, run.kind)[:16]
    root.mkdir(parents=True, exist_ok=True)
    with locked(folder, MAX_WAIT_SECONDS) as acquired:
        if not acquired:
            raise UserError(messages.TWO_PROCESSES.format(lock_file(folder)))
        prune_states(root, folder)
        if run.kind == "dvc":
            forget_finished(root, "dvc", dataset=run.dataset, recipe=run.recipe, but=folder)
        before = _open_existing(folder, inputs)
        if before is None:
            _log_why_not_resumed(root, folder, inputs, run)
            _create(folder, inputs, run, config)
        else:
            if not _is_written_elsewhere(folder, out_dir):
                same = {"run_key": before.run_key, "created": before.created, "mlflow_run_id": before.mlflow_run_id}
                run = replace(run, **same)  # type: ignore[arg-type]
            run.write(folder / RUN_FILE)
            write_text(folder / CONFIG_FILE, _to_yaml(config))
        yield folder
        if run.kind in KEPT_KINDS:
            FinishedTraining(str(out_dir.absolute())).write(folder / FINISHED_FILE)
        else:
            remove_state(folder)


def _open_existing(folder: Path, inputs: TrainingInputs) -> RunIdentity | None:
    """The run.json of an existing state; None without one. A damaged state is removed."""
    for aside in (aside_of(folder, "new"), aside_of(folder, "old")):
        shutil.rmtree(aside, ignore_errors=True)
    if not folder.exists():
        return None
    for aside in folder.rglob(".*"):  # of a process that was killed while it wrote
        if aside.is_file():
            aside.unlink(missing_ok=True)
    run = read_or_none(RunIdentity, folder / RUN_FILE)
    if run is not None and read_or_none(TrainingInputs, folder / INPUTS_FILE) == inputs:
        return run
    log.warning(messages.STATE_DAMAGED, folder)
    remove_state(folder)
    return None


def _is_written_elsewhere(folder: Path, out_dir: Path) -> bool:
    """Whether the result of a finished state is in another folder than ``out_dir``."""
    finished = read_or_none(FinishedTraining, folder / FINISHED_FILE)
    out = Path(finished.out) if finished else out_dir.absolute()
    return out != out_dir.absolute() and (out / RUN_FILE).exists()


def _create(folder: Path, inputs: TrainingInputs, run: RunIdentity, config: Mapping[str, Any]) -> None:
    aside = aside_of(folder, "new")
    aside.mkdir()
    run.write(aside / RUN_FILE)
    write_text(aside / CONFIG_FILE, _to_yaml(config))
    inputs.write(aside / INPUTS_FILE)
    os.replace(aside, folder)


def _to_yaml(config: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(dict(config), sort_keys=False)
    return text


def _log_why_not_resumed(root: Path, folder: Path, inputs: TrainingInputs, run: RunIdentity) -> None:
    """Log what differs from the interrupted training of the same recipe that is most similar."""
    similar: list[tuple[int, float, list[str]]] = []
    for other, its in list_states(root):
        if other == folder or its is None or (other / FINISHED_FILE).exists():
            continue
        if (its.kind, its.dataset, its.recipe) != (run.kind, run.dataset, run.recipe):
            continue
        old = read_or_none(TrainingInputs, other / INPUTS_FILE)
        if run.kind == "sweep" and (old is None or old.configuration != inputs.configuration):
            continue  # the jobs of a sweep differ in that
        similar.append((len(names := differences(old, inputs)), -last_modified(other), names))
    if similar:
        log.info(messages.NOT_RESUMED, run.recipe, messages.format_differences(min(similar)[2]))
