"""A copy of the project with a tiny dataset, in which trainings run and are killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from folded import write_folded
from reliability.nursery import Nursery
from support import CHECKOUT, compose_config

DATA = ["data=critters", "data.size=48", "data.train=24", "data.val=12", "data.test=12", "data.workers=1"]
PLAIN = ["trainer.accelerator=cpu", "trainer.precision=32-true", "schedule.batch_size=8", "tracking=none"]
RECIPES = (
    "linear_probe",
    "scratch",
    "scratch_batchnorm",
    "scratch_augmented",
    "features",
    "features_augmented",
    "fine_tune",
)


def copy_project(root: Path) -> Path:
    """The files of the project that its commands read, without results."""
    for name in ("conf", "pipelines", "src"):
        shutil.copytree(CHECKOUT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


class Stand:
    """The copy, its prepared images, cached features and a network to fine-tune, and a nursery that has its modules
    loaded.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.tree = root, copy_project(root / "tree")
        self.nursery = Nursery(root / "nursery", self.tree)
        self.dataset = self.tree / "artifacts/critters"
        self.starts_from = self.dataset / "recipes/features_augmented/model/model.ckpt"
        self.must("pipelines/prepare.py", *DATA)

    def must(self, *script: str) -> None:
        status = self.nursery.run(list(script), folder=self.tree)
        assert status == 0, self.nursery.said()

    def ready_for(self, recipe: str) -> None:
        """Make what the recipe starts from, once."""
        if recipe in ("linear_probe", "features") and not (self.dataset / "feature_cache").exists():
            self.must("pipelines/feature_extract.py", *DATA, "recipe=features", *PLAIN)
        if recipe == "fine_tune" and not self.starts_from.exists():
            out = f"out_dir={self.starts_from.parent}"
            self.must("pipelines/train.py", *DATA, "recipe=features_augmented", *PLAIN, "schedule.epochs=2", out)

    def folded(self) -> Path:
        """The prepared images in three folds."""
        out = self.root / "folded/images"
        return out if out.exists() else write_folded(self.dataset / "images", out, 3)

    def train(self, place: Path, recipe: str, *options: str, images: Path | None = None, epochs: int = 0,
              crash: Mapping[str, Any] | None = None, threads: int = 1) -> int:  # fmt: skip
        """Train by a call, into ``place/model`` with the state in ``place/state``; returns the exit status. See
        `jobs.train`.
        """
        self.ready_for(recipe)
        (place / "tmp").mkdir(parents=True, exist_ok=True)
        arguments = {
            "config": compose_config(*DATA, f"recipe={recipe}", *PLAIN, *options),
            "images": str(images or self.dataset / "images"),
            "features": str(self.dataset / "feature_cache"),
            "out": str(place / "model"),
            "state": str(place / "state"),
            "init_from": str(self.starts_from) if recipe == "fine_tune" else None,
            "epochs": epochs,
            "threads": threads,
        }
        return self.nursery.run(
            call="train", arguments=arguments, environment={"TMPDIR": str(place / "tmp")}, crash=crash
        )

    def command(self, place: Path, recipe: str, *options: str) -> dict[str, Any]:
        """What the nursery takes to train by the command, with state and MLflow's store below ``place``."""
        self.ready_for(recipe)
        stage = "fine_tune" if recipe == "fine_tune" else "train"
        script = [f"pipelines/{stage}.py", *DATA, f"recipe={recipe}", *PLAIN, *options, f"out_dir={place}/model"]
        place.mkdir(parents=True, exist_ok=True)
        return {"script": script, "folder": self.tree, "environment": {"DVC_ROOT": str(place)}}

    def close(self) -> None:
        self.nursery.__exit__(None, None, None)


def tidy(place: Path) -> None:
    """Remove a try's folder, which nobody needs when it was well."""
    shutil.rmtree(place, ignore_errors=True)
    assert not os.path.exists(place)
