"""A small project whose entry point hands over, and a stand-in for DVC that starts it, with libraries that are quick to
import.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support import CHECKOUT
from warmstart.runtime.preload_loader import LIBRARIES

DVC = """
import json, os, subprocess, sys, time
for command in map(json.loads, sys.argv[1:]):
    if "write" in command:
        with open(command["write"], "w") as file:
            file.write(command["text"])
        continue
    done = subprocess.Popen(command["words"], env={**os.environ, **command["environment"]})
    print("started", done.pid, flush=True)
    print("exited", done.wait(), flush=True)
"""
STAGE = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
from warmstart.runtime import interrupts
from warmstart.runtime.preload import hand_over

interrupts.listen()
hand_over({"QUIET": "1"})

if __name__ == "__main__":
    interrupts.listen()
    exec(compile(Path(sys.argv[1]).read_text(), sys.argv[1], "exec"))
"""
STUBS = {
    "numpy.random": "def seed(): pass",
    "torch": "class default_generator:\n    @staticmethod\n    def seed(): pass",
}


@dataclass
class Served:
    """The project in ``root``. environment: of the stand-in for DVC."""

    root: Path
    libraries: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in ("pipelines", "bin", "libraries", "src/warmstart/runtime", "tmp"):
            (self.root / folder).mkdir(parents=True)
        package = CHECKOUT / "src/warmstart"
        for file in [package / "__init__.py", *(package / "runtime").glob("*.py")]:
            shutil.copy(file, self.root / "src/warmstart" / file.relative_to(package))
        (self.root / "pipelines/stage.py").write_text(STAGE)
        (self.root / "bin/dvc").write_text(DVC)
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("DVC_", "PYTHON", "WARMSTART_"))},
            "TMPDIR": str(self.root / "tmp"),
            "OMP_NUM_THREADS": "1",
            **self.environment,
        }
        if not self.libraries:
            self.environment["PYTHONPATH"] = str(self.root / "libraries")
            for name in LIBRARIES:
                self.stub(name)

    def stub(self, name: str, text: str | None = None) -> None:
        """Put a library of this name in the place of the real one."""
        parts = name.split(".")
        for number in range(1, len(parts) + 1):
            folder = self.root / "libraries" / "/".join(parts[:number])
            folder.mkdir(exist_ok=True)
            content = (text if number == len(parts) else None) or STUBS.get(".".join(parts[:number]), "")
            if content or not (folder / "__init__.py").exists():
                (folder / "__init__.py").write_text(content)

    def stage(self, code: str, *words: str, **environment: str) -> dict[str, Any]:
        """A command that runs ``code`` in the entry point."""
        number = len(list(self.root.glob("code*.py")))
        script = self.root / f"code{number}.py"
        script.write_text(code)
        command = [sys.executable, "pipelines/stage.py", script.name, *words]
        return {"words": command, "environment": {"DVC_STAGE": f"stage{number}", **environment}}

    def start(self, *commands: Mapping[str, Any], **options: Any) -> subprocess.Popen[str]:
        """Start the stand-in for DVC with these commands."""
        return subprocess.Popen(
            [sys.executable, "bin/dvc", *map(json.dumps, commands)], cwd=self.root, env=self.environment, text=True,
            stdin=options.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            **options,
        )  # fmt: skip

    def run(self, *commands: Mapping[str, Any], **options: Any) -> str:
        """Run them to their end; what was printed."""
        process = self.start(*commands, **options)
        said, _ = process.communicate(timeout=120)
        return said

    def run_both(self, command: Mapping[str, Any], **options: Any) -> list[str]:
        """What a stage prints in a fork, and in a process of its own."""
        off = {**command, "environment": {**command["environment"], "WARMSTART_PRELOAD": "0"}}
        return [self.run(one, **options) for one in (command, off)]


def servers(root: Path) -> list[int]:
    """The preloaded processes of a project."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if any(word.endswith(b"preload_server.py") and os.fsencode(root) in word for word in words):
            found.append(int(entry.name))
    return found


def lines(said: str, begin: str) -> list[str]:
    """The rest of the lines that begin so."""
    return [line.removeprefix(begin).strip() for line in said.splitlines() if line.startswith(begin)]


def parsed(said: str) -> list[Any]:
    """The lines of JSON."""
    return [json.loads(line) for line in said.splitlines() if line.startswith(("{", "["))]


def exits(said: str) -> Sequence[int]:
    return [int(line) for line in lines(said, "exited")]
