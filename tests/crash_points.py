"""Training killed at the n-th change of a file, and given again: ``python tests/crash_points.py FOLDER FOLDS KIND
[POINT …]``.

Every point is a process of its own, forked from this one, that gets SIGKILL just before it opens a file to write, or
renames, removes or makes something, below FOLDER; without points, all of them, one after the other; negative ones are
counted from the last. Prints JSON: how many there are, and ``[point, what went wrong]`` for those that do not end as an
uninterrupted training does.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / name) for name in ("src", "pipelines", "tests")]

import torch  # noqa: E402

from folded import write_folded  # noqa: E402
from ingest_options import prepare  # noqa: E402
from support import COLUMNS, compose_config, read_history, training_parts, typed_config  # noqa: E402
from warmstart.training.train_recipe import RunSource, train  # noqa: E402

WORDS = [
    "data=critters", "data.size=48", "data.train=9", "data.val=4", "data.test=4", "data.workers=1", "recipe=scratch_batchnorm",
    "network.widths=[4,4]", "network.dense=4", "schedule.epochs=2", "schedule.batch_size=8", "optimizer.lr=1e-3", "trainer.precision=32-true",
    "trainer.accelerator=cpu",
]  # fmt: skip
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def in_process(work: Callable[[], Any]) -> int:
    """Do ``work`` in a forked process; returns its exit status, negative for a signal."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def watch(folder: Path, die_at: int | None, counted: Path | None = None) -> None:
    """Count the changes below ``folder`` from now on; die before the one of that number, or keep the count in a file
    elsewhere.
    """
    number = 0
    stream = os.open(counted, os.O_WRONLY | os.O_CREAT) if counted else None

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal number
        changes = event in CHANGES or (event == "open" and bool(arguments[2] & WRITING))
        if not changes or not str(arguments[0]).startswith(str(folder)):
            return
        number += 1
        if number == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if stream is not None:
            os.pwrite(stream, str(number).encode(), 0)

    sys.addaudithook(hook)


def outcome(folder: Path) -> list[Any]:
    """All that a training leaves but times."""
    keys = [key for key in COLUMNS if key not in ("time", "time/epoch_s", "time/images_per_s")]
    found: list[Any] = [sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))]
    found += [
        [[row[key] for key in keys] for row in read_history(path)] for path in sorted(folder.rglob("history.csv"))
    ]
    for path in sorted(folder.rglob("model.ckpt")):
        found.append({key: value.tolist() for key, value in torch.load(path, weights_only=True)["state_dict"].items()})
    return [*found, (folder / "batch_norm.csv").read_text()]


def main(folder: Path, folds: int, kind: str, points: list[int]) -> list[tuple[int, str]]:
    """Try the points; all without any. Returns those that end in another way, and how."""
    torch.set_num_threads(1)
    folder.mkdir(parents=True)
    config = compose_config(*WORDS)
    prepare(config["data"], folder / "images")
    images = write_folded(folder / "images", folder / "folded", folds) if folds > 1 else folder / "images"

    def once(place: Path) -> None:
        train(
            typed_config("train", config),
            training_parts(config),
            images_dir=images,
            features_dir=place,
            out_dir=place / "model",
            state_root=place / ".resume",
            source=RunSource(kind=kind),
        )

    def die(place: Path, point: int | None) -> None:
        watch(place, point, None if point else folder / "count")
        once(place)

    assert in_process(lambda: die(folder / "whole", None)) == 0
    whole, last = outcome(folder / "whole/model"), int((folder / "count").read_text())
    wrong = []
    for point in [point % (last + 1) for point in points] or range(1, last + 1):
        place = folder / str(point)
        if in_process(lambda place=place, point=point: die(place, point)) != -signal.SIGKILL:  # type: ignore[misc]
            wrong.append((point, "was not killed"))
        if kind == "dvc":  # which removes what a stage writes before it runs
            shutil.rmtree(place / "model", ignore_errors=True)
        if in_process(lambda place=place: once(place)):  # type: ignore[misc]
            wrong.append((point, "cannot be got over"))
        elif outcome(place / "model") != whole:
            wrong.append((point, "ends in another way"))
        elif left := [path.name for path in place.rglob(".*") if path.name != ".resume" and ".resume" in path.parts]:
            wrong.append((point, f"leaves {left}"))
        shutil.rmtree(place)
    print(json.dumps({"changes": last, "wrong": wrong}))
    return wrong


if __name__ == "__main__":
    place, parts, run_kind, *numbers = sys.argv[1:]
    main(Path(place).resolve(), int(parts), run_kind, [int(number) for number in numbers])
