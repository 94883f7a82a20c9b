"""Where a training that was interrupted is kept, and by what it is found again: see ``made_of``.

A state is a folder named by the digest of what its training is made of. It holds run.json, config.yaml, made_of.json and what the folds
have left so far; finished.json where the training is complete and its result may still be lost: DVC removes ``model`` before a stage runs,
so a DVC that dies before it has noted the result has lost it, and a sweep that is given again runs all its jobs.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from warmstart.errors import UserError
from warmstart.files.digest import digest
from warmstart.files.plain import write_json, write_text
from warmstart.training.state_folders import (
    FINISHED,
    RUN,
    aside_of,
    forget_finished,
    list_states,
    lock_file,
    locked,
    prune_states,
    read_object,
    remove_state,
    touched,
)
from warmstart.training.training_inputs import MadeOf, differences, format_differences

log = logging.getLogger(__name__)
CONFIG, MADE_OF = "config.yaml", "made_of.json"
KEPT = ("dvc", "sweep")  # kinds of runs whose finished state is kept
WAIT = 1.0  # seconds for a lock that somebody holds who only looks


@contextmanager
def resume_state(
    root: Path, made_of: MadeOf, run: Mapping[str, Any], config: Mapping[str, Any], out_dir: Path
) -> Iterator[Path]:
    """Give the folder of this training's state, locked for this process: the one that stands there, or a new one.

    root: holds the states of all trainings. made_of: what the state is found by, with the kind of run. run: the content of run.json; of a
    state that is gone on with, its run_key, created and mlflow_run_id stay, unless its result has been written somewhere else already: that
    is another run. out_dir: where the result goes.

    An exception leaves the state behind for the next attempt. Without one the training is complete: then the state is removed, or, of a
    kind in ``KEPT``, marked as finished until ``forget_finished`` removes it. Raises UserError when another process is at it.
    """
    folder = root / digest({"kind": run["kind"], "made_of": made_of})[:16]
    root.mkdir(parents=True, exist_ok=True)
    with locked(folder, WAIT) as ours:
        if not ours:
            raise UserError(f"another process is training exactly this; wait for it, or stop it ({lock_file(folder)})")
        prune_states(root, folder)
        if run["kind"] == "dvc":
            forget_finished(root, "dvc", dataset=run["dataset"], recipe=run["recipe"], but=folder)
        before = _standing(folder, made_of)
        if before is None:
            _say_why(root, folder, made_of, run)
            _make(folder, made_of, run, config)
        else:
            own = (
                {}
                if _written_elsewhere(folder, out_dir)
                else {key: before[key] for key in ("run_key", "created", "mlflow_run_id")}
            )
            write_json(folder / RUN, {**run, **own})
            write_text(folder / CONFIG, _spell(config))
        yield folder
        if run["kind"] in KEPT:
            write_json(folder / FINISHED, {"out": str(out_dir.absolute())})
        else:
            remove_state(folder)


def _standing(folder: Path, made_of: MadeOf) -> dict[str, Any] | None:
    """The run.json of the state that stands there; None without one, or where it is damaged, which is then removed."""
    for aside in (aside_of(folder, "new"), aside_of(folder, "old")):
        shutil.rmtree(aside, ignore_errors=True)
    if not folder.exists():
        return None
    for aside in folder.rglob(".*"):  # of a process that was killed while it wrote
        if aside.is_file():
            aside.unlink(missing_ok=True)
    run = read_object(folder / RUN)
    if (
        isinstance(run.get("run_key"), str)
        and isinstance(run.get("created"), int | float)
        and read_object(folder / MADE_OF) == made_of
    ):
        return {"mlflow_run_id": None, **run}
    log.warning("%s is damaged: the training begins anew", folder)
    remove_state(folder)
    return None


def _written_elsewhere(folder: Path, out_dir: Path) -> bool:
    """Whether the result of a finished state stands in another folder than ``out_dir``."""
    out = read_object(folder / FINISHED).get("out")
    return isinstance(out, str) and Path(out) != out_dir.absolute() and (Path(out) / RUN).exists()


def _make(folder: Path, made_of: MadeOf, run: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    aside = aside_of(folder, "new")
    aside.mkdir()
    write_json(aside / RUN, dict(run))
    write_text(aside / CONFIG, _spell(config))
    write_json(aside / MADE_OF, made_of)
    os.replace(aside, folder)


def _spell(config: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(dict(config), sort_keys=False)
    return text


def _say_why(root: Path, folder: Path, made_of: MadeOf, run: Mapping[str, Any]) -> None:
    """Say in a line why the interrupted training that is nearest to this one is not gone on with."""
    near: list[tuple[int, float, list[str]]] = []
    for other, its in list_states(root):
        if (
            other == folder
            or (other / FINISHED).exists()
            or any(its.get(key) != run[key] for key in ("kind", "dataset", "recipe"))
        ):
            continue
        old = read_object(other / MADE_OF)
        if run["kind"] == "sweep" and old.get("configuration") != made_of["configuration"]:
            continue  # the jobs of a sweep differ in that
        near.append((len(names := differences(old, made_of)), -touched(other), names))
    if near:
        log.info(
            "%s begins anew instead of going on with an interrupted training; what differs: %s",
            run["recipe"],
            format_differences(min(near)[2]),
        )
