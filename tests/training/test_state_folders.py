"""Where interrupted and finished trainings are kept: found by all that the result depends on, never half, and not for
ever.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from record_builders import run_identity
from warmstart.files.plain import read_json
from warmstart.records.run_identity import RunIdentity
from warmstart.records.training_state import TrainingInputs
from warmstart.training import state_folders
from warmstart.training.resume import resume_state
from warmstart.training.state_folders import forget_finished, locked

INPUTS = TrainingInputs({"optimizer.lr": "0.001"}, {"the features": "a" * 64}, {"torch": "2.15.0"})
GROUPS = ("configuration", "inputs", "code")


class Killed(Exception):
    """The end of a process, for tests in one."""


def changed(**groups: dict[str, str]) -> TrainingInputs:
    return TrainingInputs(*({**getattr(INPUTS, group), **groups.get(group, {})} for group in GROUPS))


def run(**changes: Any) -> RunIdentity:
    return run_identity(**{"run_key": "new", "created": 2.0, "kind": "hand", **changes})


@contextmanager
def opened(
    root: Path, inputs: TrainingInputs = INPUTS, title: str = "a", out: str = "out", **of_run: Any
) -> Iterator[Path]:
    with resume_state(root, inputs, run(**of_run), {"title": title}, root.parent / out) as state:
        yield state


def interrupted(root: Path, inputs: TrainingInputs = INPUTS, **of_run: Any) -> Path:
    with pytest.raises(Killed), opened(root, inputs, **of_run) as state:
        (state / "last.ckpt").write_text("epochs")
        raise Killed
    return state


def folders(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.is_dir()]


def test_a_state_is_whole_from_the_first_moment_and_removed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []
    replace = os.replace

    def watched(source: Any, target: Any) -> None:
        replace(source, target)
        seen.extend(
            {path.name for path in folder.iterdir()} for folder in folders(tmp_path) if not folder.name.startswith(".")
        )

    monkeypatch.setattr(os, "replace", watched)
    with opened(tmp_path):
        pass
    assert seen == [{"run.json", "config.yaml", "made_of.json"}] and not list(tmp_path.iterdir())


@pytest.mark.parametrize("group", GROUPS)
def test_a_state_of_something_else_is_not_gone_on_with_and_one_line_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, group: str
) -> None:
    name = next(iter(getattr(INPUTS, group)))
    near = interrupted(tmp_path)
    interrupted(
        tmp_path, changed(configuration={"schedule.epochs": "9"}, code={"src/warmstart/models/convnet.py": "b"})
    )
    interrupted(tmp_path, kind="dvc")
    caplog.clear()
    with caplog.at_level(logging.INFO), opened(tmp_path, changed(**{group: {name: "other"}})) as state:
        assert state != near and not (state / "last.ckpt").exists()
    (line,) = [record.getMessage() for record in caplog.records]
    assert name in line and "convnet" not in line and "schedule" not in line
    with opened(tmp_path) as state:
        assert state == near and (state / "last.ckpt").exists()


def test_jobs_of_a_sweep_differ_without_a_word_unless_something_else_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    interrupted(tmp_path, kind="sweep")
    with caplog.at_level(logging.INFO):
        interrupted(tmp_path, changed(configuration={"optimizer.lr": "1"}), kind="sweep")
        assert not caplog.records
        interrupted(tmp_path, changed(code={"torch": "3"}), kind="sweep")
    assert ["torch" in record.getMessage() for record in caplog.records] == [True]


def test_a_state_that_is_gone_on_with_is_of_the_run_that_does(tmp_path: Path) -> None:
    interrupted(
        tmp_path, run_key="first", created=1.0, mlflow_run_id="id", parent="old", stage="train", git_commit="old"
    )
    now = {"parent": "new", "stage": "fine_tune", "git_commit": "new"}
    with opened(tmp_path, title="b", run_key="second", **now) as state:
        assert RunIdentity.read(state / "run.json") == run(run_key="first", created=1.0, mlflow_run_id="id", **now)
        assert (state / "config.yaml").read_text() == "title: b\n"


@pytest.mark.parametrize("name", ["run.json", "made_of.json"])
@pytest.mark.parametrize("content", [None, "", '{"run_key": "fir', "[]", "{}", "\x00\x00"])
def test_a_damaged_state_is_said_to_be_and_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, content: str | None
) -> None:
    state = interrupted(tmp_path, run_key="first")
    (state / name).unlink()
    if content is not None:
        (state / name).write_text(content)
    with caplog.at_level(logging.INFO), opened(tmp_path) as again:
        assert again == state and not (again / "last.ckpt").exists() and RunIdentity.read(again / "run.json") == run()
    assert [str(state) in record.getMessage() for record in caplog.records] == [True]


def test_a_lost_copy_of_the_configuration_is_written_again(tmp_path: Path) -> None:
    (interrupted(tmp_path) / "config.yaml").unlink()
    with opened(tmp_path) as state:
        assert (state / "last.ckpt").exists() and (state / "config.yaml").exists()


def test_what_a_killed_process_was_writing_is_removed_when_the_state_is_opened(tmp_path: Path) -> None:
    state = interrupted(tmp_path)
    (state / "folds/1").mkdir(parents=True)
    litter = [state / ".last.ckpt.1.tmp", state / "folds/1/.history.csv.1.tmp"]
    for path in litter:
        path.write_text("half")
    for word in ("new", "old"):
        shutil.copytree(state, tmp_path / f".{state.name}.{word}")
        shutil.copytree(state, tmp_path / f".{'0' * 16}.{word}")
    with opened(tmp_path):
        assert [path.exists() for path in litter] == [False, False]
        assert [path.name for path in folders(tmp_path)] == [state.name]


def test_a_finished_training_is_kept_where_its_result_may_be_lost(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    assert not folders(tmp_path), "by hand"
    for kind in ("dvc", "sweep"):
        for attempt in range(2):
            with opened(tmp_path, kind=kind) as state:
                assert (state / "last.ckpt").exists() == bool(attempt), kind
                (state / "last.ckpt").write_text("epochs")
    assert len(folders(tmp_path)) == 2
    with opened(tmp_path, changed(code={"torch": "3"}), kind="dvc", recipe="dense") as other:
        pass
    assert len(folders(tmp_path)) == 3, "another recipe"
    with opened(tmp_path, changed(code={"torch": "4"}), kind="dvc") as next_one:
        assert {path.name for path in folders(tmp_path)} >= {other.name, next_one.name}
        assert [read_json(path / "run.json")["kind"] for path in folders(tmp_path)].count("dvc") == 2, (
            "that recipe's next training"
        )


def test_finished_trainings_are_forgotten_by_what_they_are_of(tmp_path: Path) -> None:
    def kept(**of_run: Any) -> Path:
        with opened(tmp_path, changed(code={"number": str(len(folders(tmp_path)))}), **of_run) as state:
            return state

    dvc, dense, other = (
        kept(kind="dvc", recipe=recipe, dataset=data)
        for recipe, data in (("scratch", "a"), ("dense", "a"), ("dense", "b"))
    )
    one, two = (kept(kind="sweep", out=f"{sweep}/0/model") for sweep in ("one", "two"))
    waiting = interrupted(tmp_path, changed(code={"number": "-"}), kind="dvc", dataset="a")

    def left() -> set[Path]:
        return set(folders(tmp_path))

    forget_finished(tmp_path, "dvc", dataset="a", recipe="scratch")
    assert left() == {dense, other, one, two, waiting} and dvc not in left()
    with locked(dense):
        forget_finished(tmp_path, "dvc", dataset="a")
    assert dense in left(), "somebody is at it"
    forget_finished(tmp_path, "dvc", dataset="a")
    assert left() == {other, one, two, waiting}
    forget_finished(tmp_path, "sweep", below=tmp_path.parent / "one")
    assert left() == {other, two, waiting}
    forget_finished(tmp_path / "nowhere", "dvc")


@pytest.mark.parametrize("finished", [False, True])
def test_states_that_nobody_touches_are_removed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, finished: bool
) -> None:
    monkeypatch.setattr(state_folders, "MAX_AGE_DAYS", 1)
    if finished:
        with opened(tmp_path, kind="sweep") as state:
            pass
    else:
        state = interrupted(tmp_path)
    used, other = interrupted(tmp_path, changed(code={"a": ""})), changed(code={"a": "b"})
    for folder, days in ((state, 1.1), (used, 1.1)):
        for path in (folder, *folder.iterdir()):
            os.utime(path, (time.time(), time.time() - days * 86_400))
    (used / "last.ckpt").touch()
    for name, days in (("0" * 16, 2.0), ("1" * 16, 0.1)):
        (tmp_path / f"{name}.lock").touch()
        os.utime(tmp_path / f"{name}.lock", (time.time(), time.time() - days * 86_400))
    (tmp_path / "notes.txt").write_text("a person's")
    with caplog.at_level(logging.INFO), locked(state), opened(tmp_path, other):
        assert state.exists(), "somebody is at it"
    assert "nobody has touched" not in caplog.text
    with caplog.at_level(logging.INFO), opened(tmp_path, other):
        assert not state.exists() and used.exists()
    assert caplog.text.count("nobody has touched") == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".lock", ".txt")) == sorted(
        [f"{'1' * 16}.lock", f"{used.name}.lock", "notes.txt"]
    )


def test_a_lock_is_not_shared(tmp_path: Path) -> None:
    def free() -> bool:
        with locked(tmp_path / ("a" * 16)) as ours:
            return ours

    assert free()
    with locked(tmp_path / ("a" * 16)) as ours:
        assert ours and not free()
    assert free() and not list(tmp_path.iterdir())
