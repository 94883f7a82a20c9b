"""A report's table, as `compare` writes it, with figures of the test's choice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from warmstart.cli.checkout import Checkout


def table_row(
    recipe: str, accuracy: float, *, chosen: bool = False, trained: float | None = None, n: int = 40
) -> dict[str, Any]:
    spread = {"": 0, "_low": -0.1, "_high": 0.1}
    values = {
        "test_accuracy": accuracy,
        "test_accuracy_as_trained": accuracy if trained is None else trained,
        "val_accuracy_kept": accuracy,
    }
    figures = {f"{key}{end}": value + by for key, value in values.items() for end, by in spread.items()}
    rest = {"n_test": n, "val_loss_kept": 0.4, "train_accuracy_last": 0.95, "seconds": 75.0}
    return {"recipe": recipe, "title": f"a {recipe}", "chosen": chosen, **figures, **rest}


def write_table(
    checkout: Checkout,
    name: str,
    recipes: Sequence[str],
    waiting: Sequence[str] = ("fine_tune",),
    *,
    trained: Mapping[str, float] = MappingProxyType({}),
    folds: int = 1,
) -> None:
    """A report's table, as `compare` writes it: the first recipe at 0.80, each further one 0.01 better.

    trained: the accuracy of recipes as they were trained, where it differs.
    """
    n = 40 if folds == 1 else 160
    majority = {
        **table_row("majority class", 0.5, n=n),
        "title": "always cat",
        "test_accuracy_as_trained": None,
        "val_accuracy_kept": None,
        "train_accuracy_last": None,
        "seconds": None,
    }
    rows = [
        table_row(recipe, 0.8 + 0.01 * i, chosen=True, trained=trained.get(recipe), n=n)
        for i, recipe in enumerate(recipes)
    ]
    verdict = {"answer": f"Start warm: {recipes[-1]}.", "reasons": ["It is right more often."]}
    verdict |= {"recommended": recipes[-1], "advice": f"use {recipes[-1]}: the others are clearly worse."}
    left_out = {
        recipe: "has not finished: model/summary.json is missing" for recipe in waiting if recipe not in recipes
    }
    table = {
        "classes": ["cat", "dog"],
        "counts": {"train": 80, "val": 40, "test": 40},
        "confidence": 0.95,
        "verdict": verdict,
    }
    if folds > 1:
        table |= {"folds": folds, "tested_on": f"images, out of fold in {folds} folds"}
    place = checkout.report(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({**table, "rows": [majority, *rows], "left_out": left_out}))
