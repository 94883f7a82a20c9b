"""How the compared recipes were made: commit, configuration, seeds, hardware and time."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml

import warmstart
from warmstart.comparison.finished import FinishedRecipe
from warmstart.config.schema import Schedule
from warmstart.config.target import Target
from warmstart.config.typed import to_typed
from warmstart.files.reading import need, reading
from warmstart.records.run_identity import RunIdentity

LIBRARIES = (
    *("torch", "torchvision", "timm", "pytorch-lightning", "torchmetrics", "albumentations", "scikit-learn", "numpy"),
    *("hydra-core", "dvc", "mlflow", "bokeh"),
)
SHORT_SCHEDULE = "quick"
CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class TrainedWith:
    """The part of a training's configuration that the report shows."""

    seed: int
    optimizer: Target
    schedule: Schedule
    augment: dict[str, Target] = field(default_factory=dict)


@dataclass(frozen=True)
class RecipeMade:
    """How a recipe was trained. config: None, and text empty, where model/config.yaml is not there, as in results of
    early versions; text: that file. started: in UTC. commit: None where there was no git.
    """

    recipe: FinishedRecipe
    config: TrainedWith | None
    text: str
    started: str
    commit: str | None

    @property
    def seeds(self) -> str:
        """The seed, or the first and the last of several: ``7``, ``7–9``."""
        if self.config is None:
            return "–"
        first, last = self.config.seed, self.config.seed + self.recipe.seeds - 1
        return f"{first}–{last}" if last > first else str(first)

    @property
    def optimizer(self) -> str:
        """The class and the learning rate: ``RMSprop, 0.0001``."""
        if self.config is None:
            return "–"
        name, rate = self.config.optimizer.path.rpartition(".")[2], self.config.optimizer.arguments.get("lr")
        return name if rate is None else f"{name}, {rate:g}"

    @property
    def batch(self) -> str:
        """Images in a batch, as configured."""
        if self.config is None:
            return "–"
        size = self.config.schedule.batch_size
        return "all" if self.config.optimizer.full_batch else "sized to the data" if size is None else str(size)

    @property
    def short(self) -> bool:
        """Whether the schedule is the short one that the embedded data comes with."""
        return self.config is not None and self.config.schedule.name == SHORT_SCHEDULE

    @property
    def best_was_last(self) -> bool:
        """Whether its best epoch was the last, so that longer training might have helped. A linear probe is fitted
        until it has converged.
        """
        summary = self.recipe.summary
        return summary.phase != "probe" and 1 < summary.epochs == summary.kept_epoch


def how_made(finished: Sequence[FinishedRecipe]) -> list[RecipeMade]:
    """How each recipe was made, in order. Raises UserError for damaged files."""
    return [_made(recipe) for recipe in finished]


def machine() -> str:
    """The processor of this machine, how many there are, and the system."""
    model = platform.processor() or platform.machine()
    if CPU_INFO.exists():
        names = (line.partition(":")[2].strip() for line in CPU_INFO.read_text().splitlines() if "model name" in line)
        model = next(names, model)
    return f"{model}, {os.cpu_count()} logical CPUs, {platform.system()} {platform.machine()}"


def versions() -> dict[str, str]:
    """The installed versions of Warmstart, Python and the libraries that the stages are built on."""
    found = {"warmstart": warmstart.__version__, "Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _made(recipe: FinishedRecipe) -> RecipeMade:
    identity, path = RunIdentity.read(recipe.folder / "model" / "run.json"), recipe.folder / "model" / "config.yaml"
    text, config = "", None
    if path.exists():
        with reading(path, "a configuration"):
            text = path.read_text(encoding="utf-8")
            config = to_typed(TrainedWith, need(path, yaml.safe_load(text) or {}, ()))
    started = datetime.fromtimestamp(identity.created, UTC).strftime("%Y-%m-%d %H:%M")
    return RecipeMade(recipe, config, text, started, identity.git_commit)
