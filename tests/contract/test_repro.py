"""`dvc repro` runs exactly what an edit concerns, on a checkout of its own, with no network and no git identity."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import CHECKOUT

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
        keep = [line for line in panel.splitlines() if not re.match(r"  \w+: \{stage", line) or line.split(":")[0].strip() in RECIPES]
        (root / "params.yaml").write_text("\n".join(keep) + "\n")
        self.blocked = root / "blocked.log"
        home = root / "home"
        home.mkdir()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "DVC_", "PYTHON"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "PYTHONPATH": str(CHECKOUT / "tests/blocked"),
            "BLOCKED_LOG": str(self.blocked),
        }
        self.command("git", "init", "-q")

    def command(self, *arguments: str) -> str:
        done = subprocess.run(arguments, cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout + done.stderr

    def repro(self, *targets: str) -> set[str]:
        """Reproduce, and return the stages that really ran."""
        output = self.command("dvc", "repro", *targets)
        return set(re.findall(r"Running stage '([^']+)'", output))

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert old in text, (name, old)
        (self.root / name).write_text(text.replace(old, new, 1))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = Checkout(tmp_path_factory.mktemp("repro"))
    per_recipe = {f"{stage}@{recipe}" for stage in ("train", "evaluate", "interpret") for recipe in RECIPES}
    assert made.repro() == {"compose", "prepare", "audit", "feature_extract", "compare", "publish"} | per_recipe
    return made


def test_the_whole_job_reaches_for_no_network(checkout: Checkout) -> None:
    assert not checkout.blocked.exists(), checkout.blocked.read_text()
    assert (checkout.root / "artifacts/critters/report/index.html").exists()
    assert (checkout.root / "mlruns/mlflow.db").exists()


def test_the_cache_holds_what_the_outputs_hold_once(checkout: Checkout) -> None:
    for name in ("images/train.npy", "recipes/scratch/model/model.ckpt"):
        assert (checkout.root / "artifacts/critters" / name).stat().st_nlink == 2


def test_again_nothing_runs(checkout: Checkout) -> None:
    assert checkout.repro() == set()


def test_a_comment_or_an_unused_option_runs_the_composition_only(checkout: Checkout) -> None:
    checkout.edit("conf/recipe/scratch.yaml", "# The small network", "# The tiny network")
    checkout.edit("conf/optimizer/sgd.yaml", "momentum: 0.9", "momentum: 0.8")
    assert checkout.repro() == {"compose"}


def test_one_recipes_value_runs_that_recipe_and_what_hangs_on_it(checkout: Checkout) -> None:
    checkout.edit("conf/recipe/scratch.yaml", "  phase: scratch\n", "  phase: scratch\n\noptimizer:\n  lr: 3e-4\n")
    ran = checkout.repro("train@linear_probe", "train@scratch")
    assert ran == {"compose", "train@scratch"}
    status = checkout.command("dvc", "status")
    assert "evaluate@scratch" in status
    assert "evaluate@linear_probe" not in status


def test_code_that_can_change_a_stage_runs_it(checkout: Checkout) -> None:
    checkout.edit("src/warmstart/loading/sampler.py", "Yields the batches", "Gives the batches")
    checkout.edit("src/warmstart/report/page.py", '"""', '"""Now. ')
    checkout.edit("src/warmstart/tracking/level.py", '"""', '"""Now. ')
    status = checkout.command("dvc", "status")
    assert {"train@scratch:", "train@linear_probe:", "feature_extract:", "compare:", "publish:"} <= set(status.split())
    assert "prepare:" not in status
    for name in ("evaluate", "interpret"):  # evaluation depends on the kept network, which has not changed yet
        assert f"{name}@linear_probe:" not in status


def test_a_photo_added_changed_or_removed_is_noticed(checkout: Checkout, tmp_path: Path) -> None:
    sys.path.insert(0, str(CHECKOUT / "tests"))
    from photos import save_photo

    photos = checkout.root.parent / f"{checkout.root.name}-photos"
    for label, name in enumerate(("a", "b")):
        for index in range(10):
            save_photo(photos / name / f"{index}.jpg", 100 * label + index)
    checkout.edit("params.yaml", "data: critters ", "data: image_folder ")
    for key, value in TINY.items():
        if key != "size":
            checkout.edit("params.yaml", f"    {key}: {value}", f"    {key}: null")
    checkout.edit("params.yaml", "    folder: null", f"    folder: ../{photos.name}")
    assert {"compose", "prepare"} <= checkout.repro("prepare")
    assert checkout.repro("prepare") == set()
    save_photo(photos / "a/new.jpg", 999)
    assert checkout.repro("prepare") == {"prepare"}
    save_photo(photos / "a/new.jpg", 998)
    assert checkout.repro("prepare") == {"prepare"}
    (photos / "b/0.jpg").unlink()
    assert checkout.repro("prepare") == {"prepare"}
    assert "b/0.jpg" not in (checkout.root / "artifacts/image_folder/images/manifest.csv").read_text()
