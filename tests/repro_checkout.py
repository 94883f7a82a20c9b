"""A copy of the project in which DVC can be run: a tiny dataset, two recipes, no network and no git identity."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support import CHECKOUT

ALWAYS = "list_inputs"  # the stage that DVC runs every time
TINY = {"size": 48, "train": 40, "val": 16, "test": 16}
RECIPES = ("linear_probe", "scratch")


class Checkout:
    """A copy of the project with a tiny dataset and two recipes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("conf", "pipelines", "src"):
            shutil.copytree(CHECKOUT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("params.yaml", "dvc.yaml", ".dvcignore", ".gitignore"):
            shutil.copy(CHECKOUT / name, root / name)
        (root / ".dvc").mkdir()
        for name in ("config", ".gitignore"):
            shutil.copy(CHECKOUT / ".dvc" / name, root / ".dvc" / name)
        panel = (root / "params.yaml").read_text()
        for key, value in TINY.items():
            panel = panel.replace(f"    {key}: null", f"    {key}: {value}")
        panel = panel.replace("    epochs: null", "    epochs: 1")
        keep = [
            line
            for line in panel.splitlines()
            if not re.match(r"  \w+: \{stage", line) or line.split(":")[0].strip() in RECIPES
        ]
        (root / "params.yaml").write_text("\n".join(keep) + "\n")
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "DVC_", "PYTHON"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(CHECKOUT / "tests/blocked"),
        }
        self.stands_at(root)
        self.command("git", "init", "-q")

    def stands_at(self, root: Path) -> None:
        """Where it is, now or after it was moved."""
        self.root, self.blocked, home = root, root / "blocked.log", root / "home"
        home.mkdir(exist_ok=True)
        self.environment |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "BLOCKED_LOG": str(self.blocked)}

    def without_preloading(self) -> None:
        """From now on let each stage import its own libraries, which costs less where few stages need any."""
        self.environment["WARMSTART_PRELOAD"] = "0"

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            arguments, cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout + done.stderr

    def repro(self, *targets: str) -> set[str]:
        """Reproduce, and return the stages that really ran, besides the one that always does."""
        output = self.command("dvc", "repro", *targets)
        return set(re.findall(r"Running stage '([^']+)'", output)) - {ALWAYS}

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert old in text, (name, old)
        (self.root / name).write_text(text.replace(old, new, 1))
