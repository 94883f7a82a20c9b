"""What a training leaves in its state, from which an interrupted one is resumed; and how many folds a recipe has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from warmstart.records.base import ABSENT, Record
from warmstart.records.history import EpochMetrics
from warmstart.records.training_summary import TrainingCounts


@dataclass(frozen=True)
class SeedNetwork:
    """The network of one of several seeds. checkpoint: sha256 of its model.ckpt."""

    seed: int
    checkpoint: str


@dataclass(frozen=True)
class FoldCount(Record):
    """model/folds/folds.json. folds: 1 without folds. seeds: the networks of several seeds, the first of which is
    model/model.ckpt, the others model/seeds/<s>/model.ckpt; absent with one seed. DVC compares this file, and so these
    networks, before `evaluate`.
    """

    FILE: ClassVar[str] = "folds/folds.json"

    folds: Annotated[int, Field(ge=1)]
    seeds: Annotated[list[SeedNetwork] | None, ABSENT] = None

    @classmethod
    def of_model(cls, model_dir: Path) -> int:
        """How many folds a recipe was trained on, 1 without such a file. Raises UserError where it is damaged."""
        return cls.read_or_one(model_dir).folds

    @classmethod
    def seeds_of_model(cls, model_dir: Path) -> int:
        """With how many seeds a recipe was trained, 1 without such a file. Raises UserError where it is damaged."""
        return len(cls.read_or_one(model_dir).seeds or ()) or 1

    @classmethod
    def read_or_one(cls, model_dir: Path) -> FoldCount:
        """The file of a ``model`` folder; one fold where there is none. Raises UserError where it is damaged."""
        path = model_dir / cls.FILE
        return cls.read(path) if path.exists() else cls(1)


@dataclass(frozen=True)
class FinishedFold(Record):
    """fold.json. rows: its history. kept: the name of its checkpoint in the state. files: sha256 by name. ridge: the
    penalty that was chosen; absent where none was.
    """

    rows: list[EpochMetrics]
    kept: str
    n: TrainingCounts
    files: dict[str, str]
    ridge: Annotated[float | None, ABSENT] = None


@dataclass(frozen=True)
class FinishedTraining(Record):
    """finished.json. out: the folder, absolute, that the result was written to."""

    out: str


@dataclass(frozen=True)
class TrainingInputs(Record):
    """made_of.json: what the result depends on, name → value or digest. inputs: what is read. code: also libraries."""

    configuration: dict[str, str]
    inputs: dict[str, str]
    code: dict[str, str]
