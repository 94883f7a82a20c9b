"""Why a photo is suggested: how sure the network is of it, and how far it is from what it was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warmstart.active_learning.messages import UNLIKE, UNSURE, VARIETY
from warmstart.active_learning.simulation import at_most
from warmstart.dataset.row_array import Rows
from warmstart.models.decision import decide
from warmstart.models.image_model import ImageModel

BLOCK = 4096  # rows that are read at once
USUAL = 0.95  # share of the training photos whose distance to the nearest other one is usual
LEAD = 0.5  # of the most probable class before the next, below which an answer is unsure where the package has no limit


@dataclass(frozen=True)
class Neighbours:
    """The nearest training photo of each of M photos: its row, int64 (M,), and the distance to it, float64 (M,)."""

    rows: np.ndarray
    distances: np.ndarray


def find_neighbours(
    vectors: np.ndarray, train: Rows, centre: np.ndarray, *, but: np.ndarray | None = None
) -> Neighbours:
    """The nearest training photos by 1 - cosine of the features around ``centre``, in [0, 2].

    vectors: float32 (M, D). train: float32 (N, D). but: int64 (M,), for each photo the training photo that it is.
    """
    wanted = _units(vectors - centre)
    rows, nearest = np.zeros(len(wanted), dtype=np.int64), np.full(len(wanted), np.inf)
    for start in range(0, len(train), BLOCK):
        distances = 1 - wanted @ _units(train[start : start + BLOCK] - centre).T
        if but is not None:
            inside = np.flatnonzero((but >= start) & (but < start + distances.shape[1]))
            distances[inside, but[inside] - start] = np.inf
        best = distances.argmin(axis=1)
        closer = distances[np.arange(len(best)), best] < nearest
        rows[closer] = best[closer] + start
        nearest[closer] = distances[np.arange(len(best)), best][closer]
    return Neighbours(rows, np.maximum(nearest, 0))


def usual_distance(train: Rows, centre: np.ndarray) -> float:
    """The distance below which ``USUAL`` of the training photos have another one, of at most 2,000 of them."""
    some = at_most(len(train), 0)
    return float(np.quantile(find_neighbours(train[some], train, centre, but=some).distances, USUAL))


def reasons(model: ImageModel, probabilities: np.ndarray, distances: np.ndarray, usual: float) -> list[str]:
    """Of each photo, why it is suggested. probabilities: (M, classes). distances: (M,), to the nearest training photo.

    Unsure: as the package marks it; where it has no limit, the most probable class leads the next by less than 0.5.
    Unlike: farther from every training photo than ``usual``. Where it is neither, it adds variety.
    """
    limit = model.unsure.limit if model.unsure else None
    labels = decide(probabilities, model.threshold)
    ordered = np.sort(probabilities, axis=1)
    lead = ordered[:, -1] - ordered[:, -2]
    unsure = lead < LEAD if limit is None else probabilities[np.arange(len(labels)), labels] < limit
    unlike = distances > usual
    return [
        ", ".join([UNSURE] * bool(is_unsure) + [UNLIKE] * bool(is_unlike)) or VARIETY
        for is_unsure, is_unlike in zip(unsure, unlike, strict=True)
    ]


def _units(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny))
