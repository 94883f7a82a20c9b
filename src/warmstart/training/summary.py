"""What a training comes to, in figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from warmstart.training.fold import Trained
from warmstart.training.history import CURVES, best_row
from warmstart.training.initial_model import Start


def summarise(config: Mapping[str, Any], start: Start, trained: Sequence[Trained]) -> dict[str, Any]:
    """The content of summary.json: of fold 0, except ``seconds``, which counts all.

    With several folds also ``folds``, each one's figures, and ``mean``: ``kept`` and ``last`` over the folds, each weighted by the
    images it was measured on, so that accuracies are those of all images together.
    """
    first = trained[0]
    best = best_row(first.rows)
    network = start.model.network
    summary = {
        "recipe": config["recipe"]["name"],
        "title": config["recipe"]["title"],
        "family": config["recipe"]["family"],
        "epochs": len(first.rows),
        "kept_epoch": int(best["epoch"]),
        "kept": best,
        "last": first.rows[-1],
        "parameters": {
            "total": sum(p.numel() for p in network.parameters()),
            "trainable": sum(p.numel() for p in network.parameters() if p.requires_grad),
        },
        "seconds": sum(_seconds(fold) for fold in trained),
        "images_per_s": float(np.median([row["time/images_per_s"] for row in first.rows])),
        "starts_from": start.starts_from,
        "n": dict(first.n),
    }
    if len(trained) > 1:
        summary["folds"] = [fold_summary(number, fold) for number, fold in enumerate(trained)]
        summary["mean"] = {which: _mean(trained, which) for which in ("kept", "last")}
    return summary


def fold_summary(number: int, fold: Trained) -> dict[str, Any]:
    """The figures of one fold, as its own summary.json has them."""
    best = best_row(fold.rows)
    figures = {"epochs": len(fold.rows), "kept_epoch": int(best["epoch"]), "kept": best, "last": fold.rows[-1]}
    return {"fold": number, **figures, "seconds": _seconds(fold), "n": dict(fold.n)}


def _seconds(fold: Trained) -> float:
    return sum(row["time/epoch_s"] for row in fold.rows)


def _mean(trained: Sequence[Trained], which: str) -> dict[str, float]:
    rows = [best_row(fold.rows) if which == "kept" else fold.rows[-1] for fold in trained]
    weights = {part: [fold.n[part] for fold in trained] for part in ("train", "val")}
    return {
        key: float(np.average([row[key] for row in rows], weights=weights[key.partition("/")[0]])) for key in CURVES
    }
