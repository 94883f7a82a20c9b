"""What a report says, read from its table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.cli.checkout import Checkout
from warmstart.errors import UserError
from warmstart.files import read_json

MAJORITY = "majority class"


def read_table(checkout: Checkout, name: str) -> dict[str, Any]:
    """The table of a dataset's report. Raises UserError where there is no report yet, naming those that there are."""
    place = checkout.report(name)
    if place.exists():
        table: dict[str, Any] = read_json(place)
        return table
    others = sorted(path.parent.parent.name for path in checkout.root.glob("artifacts/*/report/table.json"))
    hint = f"there is one for {', '.join(others)} (--name)" if others else "`warmstart run FOLDER` makes one"
    raise UserError(f"there is no report for {name} yet; {hint}")


def row_of(table: Mapping[str, Any], recipe: str) -> dict[str, Any] | None:
    """The row of a recipe, or None where it has not finished."""
    return next((row for row in table["rows"] if row["recipe"] == recipe), None)


def interval(row: Mapping[str, Any], key: str) -> str:
    """A share with its interval: ``0.974 [0.962, 0.982]``; a dash where there is none."""
    if row.get(key) is None:
        return "–"
    return f"{row[key]:.3f} [{row[f'{key}_low']:.3f}, {row[f'{key}_high']:.3f}]"


def recipe_line(table: Mapping[str, Any], recipe: str) -> str:
    """One recipe's answer in a line; what is known of it where it has not finished."""
    row = row_of(table, recipe)
    if row is None:
        return f"{recipe}: {table['left_out'].get(recipe, 'has not finished')}"
    name = row["title"] if recipe == MAJORITY else recipe
    return f"{name}: right on {interval(row, 'test_accuracy')} of {row['n_test']} test photos"


def best_recipe(table: Mapping[str, Any]) -> str:
    """The recipe that the verdict is for: of those that it names, the one that was best on validation photos."""
    rows = [row for row in table["rows"] if row["chosen"]]
    best = min(rows, key=lambda row: (-row["val_accuracy_kept"], row["val_loss_kept"]))
    return str(best["recipe"])
