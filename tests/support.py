"""What tests share besides fixtures."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warmstart.config.stages import stage_config
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.row_array import Rows
from warmstart.records.history import EpochMetrics, History
from warmstart.records.manifest import ManifestRow

if TYPE_CHECKING:
    from warmstart.training.parts import TrainingParts

os.environ.update(
    MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true", NO_ALBUMENTATIONS_UPDATE="1", DVC_NO_ANALYTICS="1"
)
CHECKOUT = Path(__file__).resolve().parents[1]
TINY = ["data=critters", "data.size=48", "data.train=48", "data.val=16", "data.test=16", "data.workers=1"]
COLUMNS = EpochMetrics.columns()  # of history.csv
CURVES = ("train/loss", "train/acc", "val/loss", "val/acc")
FIELDS = {
    **{name: name.replace("/", "_") for name in COLUMNS},
    "time/epoch_s": "epoch_seconds",
    "time/images_per_s": "images_per_second",
}
Configure = Callable[..., dict[str, Any]]


def compose_config(*overrides: str) -> dict[str, Any]:
    """The configuration that a command line of these overrides would give, as plain data. Composed once a process."""
    return copy.deepcopy(_composed(overrides))


@cache
def _composed(overrides: tuple[str, ...]) -> dict[str, Any]:
    from hydra import compose, initialize_config_dir

    from _command_line import add_open_key
    from _compose import plain, register_schema

    register_schema()
    with initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"):
        return plain(compose("config", [add_open_key(word) for word in overrides]))


def typed_config(stage: str, plain: dict[str, Any]) -> Any:
    """The typed configuration of a stage."""
    return stage_config(stage, plain)


def training_parts(config: dict[str, Any]) -> TrainingParts:
    """The parts of a training that the option files of a whole configuration name, as the entry points make them."""
    import _parts

    return _parts.training_parts(config)


def extract(config: dict[str, Any], images: Path, out: Path) -> None:
    """Cache the features that a whole configuration asks for."""
    from warmstart.features.feature_cache import extract_features

    extract_features(typed_config("feature_extract", config), images, out)


def load_cached(folder: Path, config: dict[str, Any], store: ImageStore, split: str) -> Rows:
    """The cached features of a split that a whole configuration asks for."""
    from warmstart.features.feature_cache import load_features

    typed = typed_config("train", config)
    return load_features(folder, typed.backbone, typed.head.pool, store, split)


def read_history(path: Path) -> list[dict[str, float]]:
    """The epochs of history.csv by column."""
    rows = History.read(path).epochs
    return [{name: getattr(row, FIELDS[name]) for name in COLUMNS} for row in rows]


@dataclass(frozen=True)
class Folders:
    """Where the tiny dataset's results are."""

    root: Path

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def features(self) -> Path:
        return self.root / "feature_cache"

    def model(self, recipe: str) -> Path:
        return self.root / "recipes" / recipe / "model"


def write_manifest(folder: Path, rows: list[list[Any]]) -> None:
    """Write ``manifest.csv`` of images each by itself. rows: path, class, label, split, row, sha256 and bytes."""
    with ManifestRow.open_rows(folder / "manifest.csv") as add:
        for unit, row in enumerate(rows):
            add(ManifestRow(*row, unit, "", None))


def manifest_rows(store: ImageStore, split: str) -> list[dict[str, Any]]:
    """The manifest of a split by column; empty cells are empty text, and folds are text."""
    rows = [dict(zip(ManifestRow.columns(), astuple(row), strict=True)) for row in store.manifest(split)]
    empty = [{name: "" if value is None else value for name, value in row.items()} for row in rows]
    return [{**row, "fold": str(row["fold"])} for row in empty]


def python(*arguments: str, cwd: Path = CHECKOUT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments in a process of its own; returns the finished process with its output as text."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
