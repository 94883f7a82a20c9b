"""A report's table, as `compare` writes it, with figures of the test's choice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from warmstart.cli.checkout import Checkout


def table_row(recipe: str, accuracy: float, *, chosen: bool = False) -> dict[str, Any]:
    spread = {"": 0, "_low": -0.1, "_high": 0.1}
    figures = {f"{key}{end}": accuracy + by for key in ("test_accuracy", "val_accuracy_kept") for end, by in spread.items()}
    rest = {"n_test": 40, "val_loss_kept": 0.4, "train_accuracy_last": 0.95, "seconds": 75.0}
    return {"recipe": recipe, "title": f"a {recipe}", "chosen": chosen, **figures, **rest}


def write_table(checkout: Checkout, name: str, recipes: Sequence[str], waiting: Sequence[str] = ("fine_tune",)) -> None:
    """A report's table, as `compare` writes it: the first recipe at 0.80, each further one 0.01 better."""
    majority = {
        **table_row("majority class", 0.5),
        "title": "always cat",
        "val_accuracy_kept": None,
        "train_accuracy_last": None,
        "seconds": None,
    }
    rows = [table_row(recipe, 0.8 + 0.01 * index, chosen=True) for index, recipe in enumerate(recipes)]
    verdict = {"answer": f"Start warm: {recipes[-1]}.", "reasons": ["It is right more often."]}
    left_out = {recipe: "has not finished: model/summary.json is missing" for recipe in waiting if recipe not in recipes}
    table = {"classes": ["cat", "dog"], "counts": {"train": 80, "val": 40, "test": 40}, "confidence": 0.95, "verdict": verdict}
    place = checkout.report(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({**table, "rows": [majority, *rows], "left_out": left_out}))
