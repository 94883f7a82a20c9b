"""The test photos that a recipe is most wrong about: those with the highest loss."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warmstart.evaluation.prediction_table import OUT_OF_FOLD_TABLE, PREDICTIONS_TABLE
from warmstart.records.predictions import OutOfFoldRow, PredictionRow

MAX_PHOTOS = 12


@dataclass(frozen=True)
class TopLosses:
    """rows: the highest loss first. n: test photos, with folds all photos. wrong: how many of them are mistaken."""

    rows: list[PredictionRow]
    n: int
    wrong: int


def highest_losses(evaluate_dir: Path, most: int = MAX_PHOTOS) -> TopLosses:
    """The ``most`` highest losses in a recipe's evaluate/ folder: of test photos, with folds of all photos, each by the
    network that has not seen it; equal ones by path. Raises UserError for damaged files.
    """
    folded = evaluate_dir / OUT_OF_FOLD_TABLE
    rows: Sequence[PredictionRow] = (
        OutOfFoldRow.read_rows(folded)
        if folded.exists()
        else [row for row in PredictionRow.iter_rows(evaluate_dir / PREDICTIONS_TABLE) if row.split == "test"]
    )
    found = heapq.nsmallest(most, rows, key=lambda row: (-row.loss, row.path))
    return TopLosses(found, len(rows), sum(row.wrong for row in rows))
