"""Which recipes of a dataset have finished, and what they left behind."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warmstart.evaluation.read import POOLED, Answers, read_answers, read_folds
from warmstart.files.plain import read_json
from warmstart.files.reading import damage, reading

NEEDED = ("model/summary.json", "model/history.csv", "evaluate/metrics.json", "evaluate/predictions.csv")

# What everybody reads of these files, who can then do without asking.
SUMMARY = ("family", "kept", "last", "kept_epoch", "epochs", "parameters", "seconds", "n")
METRICS = ("val", "test", "majority", "temperature", "threshold")


@dataclass(frozen=True)
class Finished:
    """A trained and evaluated recipe.

    summary, metrics: the files of those names. history: a dict per epoch, as the CSV has it, of floats.
    answers: its predictions for the test split, with folds its out-of-fold predictions for all images. folder: where its model/,
    evaluate/ and interpret/ lie.
    """

    name: str
    folder: Path
    summary: dict[str, Any]
    metrics: dict[str, Any]
    history: list[dict[str, float]]
    answers: Answers

    @property
    def family(self) -> str:
        """``scratch`` or ``transfer``."""
        return str(self.summary["family"])

    @property
    def folds(self) -> int:
        """How many times it was trained, on as many folds; 1 without folds."""
        return len(self.summary.get("folds", ())) or 1

    @property
    def kept(self) -> dict[str, float]:
        """Figures of the kept epoch: train/loss, train/acc, val/loss, val/acc; with folds, their means over all."""
        row: dict[str, float] = self.summary.get("mean", self.summary)["kept"]
        return row

    @property
    def last(self) -> dict[str, float]:
        """The same of the last epoch."""
        row: dict[str, float] = self.summary.get("mean", self.summary)["last"]
        return row

    @property
    def n_val(self) -> int:
        """How many images validation accuracies are of; with folds, all folds' together."""
        return sum(fold["n"]["val"] for fold in self.summary.get("folds", [self.summary]))

    @property
    def beats_guessing(self) -> bool:
        """Whether it is clearly better than always giving the commonest class of the training images."""
        return bool(self.metrics["test"]["accuracy"]["low"] > self.metrics["majority"]["accuracy"]["value"])

    @property
    def tested_on(self) -> str:
        """What its accuracy is of, in words: ``test images``, or ``images, out of fold in 5 folds``."""
        return "test images" if self.folds == 1 else f"images, out of fold in {self.folds} folds"


def find_finished(
    root: Path, recipes: Sequence[str], digest: str, folds: int | None = None
) -> tuple[list[Finished], dict[str, str]]:
    """The finished recipes of ``root/recipes``, in the given order, and for each of the others why it is left out.

    digest: of the prepared images; a recipe trained on others is left out, its figures are of something else. folds: how many
    the prepared images are in; a recipe of another number is left out, its figures are of other images. None: any number.
    """
    finished: list[Finished] = []
    left_out: dict[str, str] = {}
    for name in recipes:
        folder = root / "recipes" / name
        reason = _unfit(folder, digest, folds)
        if reason:
            left_out[name] = reason
        else:
            finished.append(_read(name, folder))
    return finished, left_out


def _unfit(folder: Path, digest: str, folds: int | None) -> str | None:
    """Why a recipe cannot be compared, if it cannot."""
    own = read_folds(folder / "model")
    needed = [
        *NEEDED,
        *(f"model/folds/{fold}/summary.json" for fold in range(1, own)),
        *([f"evaluate/{POOLED}"] if own > 1 else []),
    ]
    missing = [file for file in needed if not (folder / file).exists()]
    if missing:
        return f"has not finished: {missing[0]} is missing"
    if folds is not None and own != folds:
        return f"was trained {_divided(own)}, and the images are now {_divided(folds)}"
    if _digest(folder) not in (None, digest):
        return "was trained on other images than those prepared now"
    metrics = read_json(folder / "evaluate" / "metrics.json", *METRICS)
    if (evaluated := metrics.get("folds", 1)) != own:
        return f"was evaluated {_divided(evaluated)}, but trained {_divided(own)}"
    if "as_trained" not in metrics:
        return "was evaluated by an earlier version: evaluate it again"
    return None


def _divided(folds: int) -> str:
    return f"in {folds} folds" if folds > 1 else "without folds"


def _digest(folder: Path) -> str | None:
    path = folder / "model" / "run.json"
    return read_json(path, "dataset_digest")["dataset_digest"] if path.exists() else None


def _read(name: str, folder: Path) -> Finished:
    evaluate, pooled = folder / "evaluate", read_folds(folder / "model") > 1
    metrics = read_json(evaluate / "metrics.json", *METRICS)
    answers = read_answers(evaluate / POOLED, split=None) if pooled else read_answers(evaluate / "predictions.csv")
    with reading(evaluate / "metrics.json"):
        n = metrics["test"]["n"]
    if len(answers.labels) != n:
        raise damage(
            answers.source, f"it has {len(answers.labels)} lines, and metrics.json is of {n}", "a table of predictions"
        )
    summary = read_json(folder / "model" / "summary.json", *SUMMARY)
    return Finished(name, folder, summary, metrics, read_history(folder / "model" / "history.csv"), answers)


def read_history(path: Path) -> list[dict[str, float]]:
    """The epochs of a history.csv; an empty cell is NaN. Raises UserError for other text or no epochs."""
    with reading(path, "a history of epochs"):
        with path.open(newline="", encoding="utf-8") as stream:
            lines = list(csv.DictReader(stream))
        rows = [{key: float(value or "nan") for key, value in line.items() if value is not None} for line in lines]
        if not rows:
            raise ValueError("it holds no epoch")
        if any(len(row) != len(rows[0]) for row in rows):
            raise ValueError("a line is cut short")
    return rows
