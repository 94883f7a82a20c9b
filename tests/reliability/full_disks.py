"""Every stage by hand on a disk that is full, nearly full, read-only or not this user's: run by test_full_disks.py, or
as

    unshare --mount --propagation private python tests/reliability/full_disks.py CHECKOUT [WORD …]

on a clone, with the right to mount. CHECKOUT's artifacts, mlruns and params.yaml are overwritten. Prints one JSON line
a case; the words choose stages, places or levels. In each case the stage runs on the bad disk, then, with room, once
more (not so with the word `once`).
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from disk_stages import LEVELS, LIVE, PANEL, PLACES, STAGES, Case

PAGE = 4096
IMPORTS = "torch lightning.pytorch torchmetrics timm matplotlib.pyplot sklearn.metrics scipy.stats hydra albumentations safetensors.torch mlflow.tracking.client"
BARRED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


class Checkout:
    """A clone and its disks."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base = root / ".base"
        self.volatile: dict[str, set[str]] = {}
        os.environ.update(
            PYTHONPATH=f"{root / 'src'}", TMPDIR=str(root / "temporary"), OMP_NUM_THREADS="1", MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true",
            NO_ALBUMENTATIONS_UPDATE="1", HOME=str(root / "home"), MPLCONFIGDIR=str(root / "home"), PYTHONDONTWRITEBYTECODE="1",
        )  # fmt: skip
        for name in ("temporary", "home", "artifacts", "mlruns"):
            (root / name).mkdir(exist_ok=True)

    def run(self, words: Sequence[str], barred: bool = False) -> tuple[int, str]:
        """One stage; its exit status and what it said."""
        log = self.root / "home" / "said.txt"
        with log.open("w") as stream:
            if barred:
                command = [*BARRED, sys.executable, f"pipelines/{words[0]}.py", *words[1:]]
                status = subprocess.run(
                    command, cwd=self.root, stdout=stream, stderr=stream, check=False, timeout=300
                ).returncode
            else:
                status = _forked(self.root, words, stream.fileno())
        return status, log.read_text(errors="replace")

    def make(self) -> None:
        """Run every stage undisturbed, some twice, to know what of their results changes from run to run by itself."""
        known = self.base / "volatile.json"
        if known.exists():
            self.volatile = {stage: set(names) for stage, names in json.loads(known.read_text()).items()}
            return
        (self.root / "params.yaml").write_text(PANEL)
        for stage, (words, out) in STAGES.items():
            found = []
            for _ in range(2):
                status, said = self.run(words)
                if status:
                    raise SystemExit(f"{stage} fails undisturbed: {said[-2000:]}")
                found.append(tree(self.root / out))
                if stage == "prepare" and not (self.root / "photos").exists():
                    _photos(self.root)
            self.volatile[stage] = {name for name in found[0] if found[0][name] != found[1].get(name)}
            say(stage=stage, volatile=sorted(self.volatile[stage]))
        for name in ("artifacts", "mlruns"):
            shutil.copytree(self.root / name, self.base / name, symlinks=True)
        known.write_text(json.dumps({stage: sorted(names) for stage, names in self.volatile.items()}))

    @contextlib.contextmanager
    def disk(self, place: str, level: str) -> Iterator[None]:
        """A disk of its own over ``place``, with what the undisturbed runs have left there, and ``level``
        bytes free.
        """
        mounted = [self.root / "artifacts", self.root / "mlruns"] + (
            [] if place in ("artifacts", "mlruns") else [self.root / place]
        )
        for folder in mounted:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m,mode=0755", "none", folder], check=True)
        try:
            for name in ("artifacts", "mlruns"):
                subprocess.run(["cp", "-a", f"{self.base / name}/.", self.root / name], check=True)
            self.spoil(self.root / place, level)
            yield
        finally:
            for folder in mounted:
                subprocess.run(["umount", "-l", folder], check=True)

    def spoil(self, folder: Path, level: str) -> None:
        """Make the disk bad."""
        if level == "read-only":
            subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        elif level == "barred":
            subprocess.run(["chmod", "-R", "a-w", folder], check=True)
        else:
            with (folder / ".filler").open("wb", buffering=0) as filler:
                free = os.statvfs(folder).f_bavail * PAGE - int(level) // PAGE * PAGE
                os.posix_fallocate(filler.fileno(), 0, free)

    def mend(self, folder: Path, level: str) -> None:
        """Make it good again."""
        if level == "read-only":
            subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
        elif level == "barred":
            subprocess.run(["chmod", "-R", "u+w", folder], check=True)
        else:
            (folder / ".filler").unlink()

    def case(self, stage: str, place: str, level: str) -> Case:
        """One stage on one bad disk, and once more with room."""
        words, out = STAGES[stage]
        folder = PLACES[place][0]
        if place == "mlruns":
            words = [word for word in words if word != "tracking=none"] + LIVE.get(stage, [])
        if place == "shared memory":
            words = [*words, "trainer.workers=2"]
        case = Case(stage, place, level)
        with self.disk(folder, level):
            before, root = tree(self.root / "artifacts"), self.root / folder
            case.status, text = self.run(words, level == "barred")
            case.said, case.traces = text.splitlines()[-6:], "Traceback" in text or "fault: " in text
            now = tree(self.root / "artifacts")
            case.changed = sorted(
                name for name in {**before, **now} if before.get(name) != now.get(name) and not _private(name)
            )
            case.left = sorted(name for name in now if ".aside" in name and name not in before)
            if "once" in sys.argv:
                return case
            self.mend(root, level)
            case.again, text = self.run(words)
            case.said_again = text.splitlines()[-6:] if case.again else []
            wanted, found = tree(self.base / out), tree(self.root / out)
            case.differs = sorted(
                name
                for name in {**wanted, **found}
                if wanted.get(name) != found.get(name) and name not in self.volatile[stage]
            )
        return case


def tree(folder: Path) -> dict[str, bytes]:
    """The files below a folder and their contents, without the times in a training's history."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.name != ".filler":
            content = path.read_bytes()
            found[str(path.relative_to(folder))] = _timeless(content) if path.name == "history.csv" else content
    return found


def _timeless(history: bytes) -> bytes:
    rows = [line.split(",") for line in history.decode().splitlines()]
    kept = [column for column, name in enumerate(rows[0]) if not name.startswith("time")]
    return "\n".join(",".join(row[column] for column in kept) for row in rows).encode()


def _private(name: str) -> bool:
    return name.startswith((".resume", ".digests", ".logs")) or name.endswith(".lock") or "/hand/" in name


def _photos(root: Path) -> None:
    """A few photos to predict."""
    import numpy as np
    from PIL import Image

    (root / "photos").mkdir()
    for row, pixels in enumerate(np.load(root / "artifacts/critters/images/test.npy")[:3]):
        Image.fromarray(pixels).save(root / "photos" / f"{row}.png")


def _forked(root: Path, words: Sequence[str], output: int) -> int:
    """Run a stage in a process forked from this one, which has the libraries loaded: the import is most of a tiny
    stage's time.
    """
    child = os.fork()
    if not child:
        status = 1
        try:
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.chdir(root)
            sys.argv = [f"pipelines/{words[0]}.py", *words[1:]]
            sys.path[:0] = [str(root / "pipelines"), str(root / "src")]
            runpy.run_path(sys.argv[0], run_name="__main__")
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                atexit._run_exitfuncs()
            with contextlib.suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)
    for _ in range(3000):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.1)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -9


def say(**what: object) -> None:
    """One line for whoever started this."""
    print(json.dumps(what), flush=True)


def main() -> None:
    """Run the cases that the words choose, or all."""
    root, words = Path(sys.argv[1]).resolve(), set(sys.argv[2:])
    assert re.search(r"warmstart", (root / "pyproject.toml").read_text()) and root.is_relative_to(
        os.environ.get("FULL_DISKS_BELOW", "/tmp")
    )
    checkout = Checkout(root)
    for name in IMPORTS.split():  # which read the environment
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    checkout.make()
    for place, (_, stages, levels) in PLACES.items():
        for stage in stages:
            for level in levels:
                if any(
                    words & set(choice) and mine not in words
                    for choice, mine in ((PLACES, place), (STAGES, stage), (LEVELS, level))
                ):
                    continue
                case = checkout.case(stage, place, level)
                say(**asdict(case), fault=case.fault)


if __name__ == "__main__":
    main()
