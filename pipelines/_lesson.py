"""What has to run before the lesson's page is complete, as the commands that a person would type."""

from __future__ import annotations

import logging
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig

from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json
from warmstart.lesson.page.results import DIGITS

log = logging.getLogger("warmstart")
DIGIT_RECIPES = ("dense", "convnet", "convnet_no_pooling")
INTERPRETED = ("scratch", "fine_tune")  # one of each family
NOT_TRAINED = "{recipe} is not trained on {dataset}: run `dvc repro` first, with data: {dataset} in params.yaml"
N_PATTERNS = 16  # filters a layer, where the configuration has none


@dataclass(frozen=True)
class Step:
    """A command by its arguments, and the file that shows that it has run. checkpoint: that it depends on, or None."""

    command: list[str]
    makes: Path
    checkpoint: Path | None = None

    @property
    def done(self) -> bool:
        """Whether the file is there and, where it names a checkpoint, names this one."""
        if not self.makes.exists() or self.checkpoint is None:
            return self.makes.exists()
        return read_json(self.makes).get("checkpoint") in (None, sha256_file(self.checkpoint))


def run_steps(steps: Iterator[Step], checkout: Path) -> None:
    """Run what has not run yet, in the folder ``checkout``, and log each command. Raises UserError when one fails."""
    for step in steps:
        if step.done:
            continue
        command = shlex.join(["python", *step.command])
        log.info("+ %s", command)
        if subprocess.run([sys.executable, *step.command], cwd=checkout, check=False).returncode:
            raise UserError(f"the lesson stops at: {command}")


def digit_steps(artifacts: Path) -> Iterator[Step]:
    """Train the digits' recipes on the embedded digits, unless a convnet has finished on any digits."""
    if any((artifacts / name / "recipes" / "convnet" / "evaluate" / "metrics.json").exists() for name in DIGITS):
        return
    root = artifacts / "digits"
    yield Step(["pipelines/prepare.py", "data=digits"], root / "images" / "meta.json")
    for recipe in DIGIT_RECIPES:
        for stage, folder, file in (("train", "model", "summary.json"), ("evaluate", "evaluate", "metrics.json")):
            out = root / "recipes" / recipe / folder
            yield Step([f"pipelines/{stage}.py", "data=digits", f"recipe={recipe}", f"out_dir={out}"], out / file)
    yield Step(["pipelines/compare.py", "data=digits"], root / "report" / "table.json")


def photo_steps(root: Path, data: Mapping[str, Any], overrides: Sequence[str], patterns: int) -> Iterator[Step]:
    """The demonstrations, and the interpretation of two recipes, for the dataset in ``root``.

    data: this run's group ``data``. overrides: those of it on the command line. patterns: filters a layer; 0: 16.
    Raises UserError where one of the two recipes is not trained.
    """
    words = [f"data={root.name}", *overrides, *_changed_data_options(root, data)]
    lesson = root / "lesson"
    yield Step(["pipelines/convolution.py", *words], lesson / "convolution" / "convolution.json")
    yield Step(["pipelines/augmentation.py", *words], lesson / "augmentation" / "augmentation.json")
    models = {recipe: root / "recipes" / recipe / "model" / "model.ckpt" for recipe in INTERPRETED}
    batch_norm = root / "recipes" / "scratch_batchnorm" / "model" / "model.ckpt"
    if models["scratch"].exists() and batch_norm.exists():
        yield Step(["pipelines/batch_norm.py", *words], lesson / "batch_norm" / "batch_norm.json", batch_norm)
    for recipe in INTERPRETED:
        if not models[recipe].exists():
            raise UserError(NOT_TRAINED.format(recipe=recipe, dataset=root.name))
        piped = root / "recipes" / recipe / "interpret"
        if not (piped / "activations").is_dir():  # made by `interpret=full` under DVC
            out = lesson / "pages" / recipe
            options = [f"recipe={recipe}", "interpret=full", "interpret.patterns=0", f"out_dir={out}"]
            yield Step(["pipelines/interpret.py", *words, *options], out / "summary.json", models[recipe])
    recipe, out = INTERPRETED[1], lesson / "patterns"
    options = [f"recipe={recipe}", f"interpret.patterns={patterns or N_PATTERNS}", f"out_dir={out}"]
    yield Step(["pipelines/patterns.py", *words, *options], out / "summary.json", models[recipe])


def data_overrides() -> list[str]:
    """The options of the group ``data`` on this run's command line."""
    return [word for word in map(str, HydraConfig.get().overrides.task) if word.startswith("data.")]


def _changed_data_options(root: Path, data: Mapping[str, Any]) -> list[str]:
    """Overrides of the data options that the prepared images were made with and that this run has otherwise."""
    made: dict[str, Any] = read_json(root / "prepared.json") if (root / "prepared.json").exists() else {}
    changed = {key: made[key] for key in data if key in made and made[key] != data[key]}
    return [f"data.{key}={'null' if value is None else value}" for key, value in changed.items()]
