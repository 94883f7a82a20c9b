"""What has to have run before the lesson's page is whole, as the commands that a person would type."""

from __future__ import annotations

import logging
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json
from warmstart.lesson.page.facts import DIGITS

log = logging.getLogger("warmstart")
DIGIT_RECIPES = ("dense", "convnet", "convnet_no_pooling")
SHOWN = ("scratch", "fine_tune")  # whose inside is shown, one of each family


@dataclass(frozen=True)
class Step:
    """A command by its arguments, and the file by which one sees that it has run. of: the checkpoint it is about, where it is."""

    command: list[str]
    makes: Path
    of: Path | None = None

    @property
    def done(self) -> bool:
        """Whether the file is there and, where it names a checkpoint, names this one."""
        if not self.makes.exists():
            return False
        return self.of is None or read_json(self.makes).get("checkpoint") in (None, sha256_file(self.of))


def run_steps(steps: Iterator[Step], checkout: Path) -> None:
    """Run what has not run yet, in the folder ``checkout``, saying each command. Raises UserError when one fails."""
    for step in steps:
        if step.done:
            continue
        log.info("+ %s", shlex.join(["python", *step.command]))
        if subprocess.run([sys.executable, *step.command], cwd=checkout, check=False).returncode:
            raise UserError(f"the lesson stops at: {shlex.join(['python', *step.command])}")


def digit_steps(artifacts: Path) -> Iterator[Step]:
    """Train the digits' recipes on the embedded digits, unless a convnet has finished on any digits."""
    if any((artifacts / name / "recipes" / "convnet" / "evaluate" / "metrics.json").exists() for name in DIGITS):
        return
    root = artifacts / "digits"
    yield Step(["pipelines/prepare.py", "data=digits"], root / "images" / "meta.json")
    for recipe in DIGIT_RECIPES:
        folder = root / "recipes" / recipe
        for stage, made in (("train", folder / "model"), ("evaluate", folder / "evaluate")):
            done = made / ("summary.json" if stage == "train" else "metrics.json")
            yield Step([f"pipelines/{stage}.py", "data=digits", f"recipe={recipe}", f"out_dir={made}"], done)
    yield Step(["pipelines/compare.py", "data=digits"], root / "report" / "table.json")


def photo_steps(root: Path, config: Mapping[str, Any]) -> Iterator[Step]:
    """The demonstrations, and the pages of the recipes shown, for the dataset in ``root``. config: this run's configuration."""
    data = _data_words(root, config)
    lesson = root / "lesson"
    yield Step(["pipelines/convolution.py", *data], lesson / "convolution" / "convolution.json")
    yield Step(["pipelines/augmentation.py", *data], lesson / "augmentation" / "augmentation.json")
    models = {recipe: root / "recipes" / recipe / "model" / "model.ckpt" for recipe in (*SHOWN, "scratch_batchnorm")}
    if models["scratch"].exists() and models["scratch_batchnorm"].exists():
        yield Step(
            ["pipelines/batch_norm.py", *data], lesson / "batch_norm" / "batch_norm.json", models["scratch_batchnorm"]
        )
    for recipe in SHOWN:
        if not models[recipe].exists():
            raise UserError(
                f"{recipe} is not trained on {root.name}: run `dvc repro` first, with data: {root.name} in params.yaml"
            )
        own = root / "recipes" / recipe / "interpret"
        if not (own / "activations").is_dir():  # made by `interpret=full` under DVC
            folder = lesson / "pages" / recipe
            words = [f"recipe={recipe}", "interpret=full", "interpret.patterns=0", f"out_dir={folder}"]
            yield Step(["pipelines/interpret.py", *data, *words], folder / "summary.json", models[recipe])
    words = [
        f"recipe={SHOWN[1]}",
        f"interpret.patterns={config['interpret']['patterns'] or 16}",
        f"out_dir={lesson / 'patterns'}",
    ]
    yield Step(["pipelines/patterns.py", *data, *words], lesson / "patterns" / "summary.json", models[SHOWN[1]])


def _data_words(root: Path, config: Mapping[str, Any]) -> list[str]:
    """What to say on a command line so that the data options are those of the prepared images."""
    made: dict[str, Any] = read_json(root / "prepared.json") if (root / "prepared.json").exists() else {}
    told = config["data"]
    changed = [
        f"data.{key}={'null' if made[key] is None else made[key]}"
        for key in told
        if key in made and made[key] != told[key]
    ]
    return [f"data={root.name}", *changed]
