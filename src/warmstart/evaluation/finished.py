"""Which recipes of a dataset have finished, and what they left behind."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warmstart.errors import UserError
from warmstart.evaluation.read import Answers, read_answers
from warmstart.files import read_json

NEEDED = ("model/summary.json", "model/history.csv", "evaluate/metrics.json", "evaluate/predictions.csv")


@dataclass(frozen=True)
class Finished:
    """A trained and evaluated recipe.

    summary, metrics: the files of those names. history: a dict per epoch, as the CSV has it, of floats.
    answers: its predictions for the test split. folder: where its model/, evaluate/ and interpret/ lie.
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


def find_finished(root: Path, recipes: Sequence[str], digest: str) -> tuple[list[Finished], dict[str, str]]:
    """The finished recipes of ``root/recipes``, in the given order, and for each of the others why it is left out.

    digest: of the prepared images; a recipe trained on others is left out, its figures are of something else.
    """
    finished: list[Finished] = []
    left_out: dict[str, str] = {}
    for name in recipes:
        folder = root / "recipes" / name
        missing = [file for file in NEEDED if not (folder / file).exists()]
        if missing:
            left_out[name] = f"has not finished: {missing[0]} is missing"
        elif _digest(folder) not in (None, digest):
            left_out[name] = "was trained on other images than those prepared now"
        else:
            finished.append(_read(name, folder))
    return finished, left_out


def _digest(folder: Path) -> str | None:
    path = folder / "model" / "run.json"
    return read_json(path).get("dataset_digest") if path.exists() else None


def _read(name: str, folder: Path) -> Finished:
    return Finished(
        name=name,
        folder=folder,
        summary=read_json(folder / "model" / "summary.json"),
        metrics=read_json(folder / "evaluate" / "metrics.json"),
        history=read_history(folder / "model" / "history.csv"),
        answers=read_answers(folder / "evaluate" / "predictions.csv"),
    )


def read_history(path: Path) -> list[dict[str, float]]:
    """The epochs of a history.csv; an empty cell is NaN. Raises UserError for other text or no epochs."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = [{key: float(value or "nan") for key, value in row.items()} for row in csv.DictReader(stream)]
    except (ValueError, TypeError) as error:
        raise UserError(f"{path} is not a history of epochs ({error}): train the recipe again") from None
    if not rows:
        raise UserError(f"{path} holds no epoch: train the recipe again")
    return rows
