"""What a report says, read from its table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.cli import messages
from warmstart.cli.checkout import Checkout
from warmstart.errors import UserError
from warmstart.files.plain import read_json
from warmstart.records.comparison_row import MAJORITY
from warmstart.records.intervals import MetricInterval
from warmstart.text.quantities import count, percent_interval


def read_table(checkout: Checkout, name: str) -> dict[str, Any]:
    """The table of a dataset's report. Raises UserError where there is none, or where an earlier version made it."""
    file = checkout.report(name)
    if file.exists():
        table: dict[str, Any] = read_json(file, "verdict", "rows", "counts", "classes", "confidence", "left_out")
        if "recommended" not in table["verdict"]:
            raise UserError(messages.OLD_REPORT.format(file=checkout.short(file)))
        return table
    others = sorted(path.parent.parent.name for path in checkout.root.glob("artifacts/*/report/table.json"))
    raise UserError(messages.no_report(name, others))


def row_of(table: Mapping[str, Any], recipe: str) -> dict[str, Any] | None:
    """The row of a recipe, or None where it has not finished."""
    return next((row for row in table["rows"] if row["recipe"] == recipe), None)


def interval(row: Mapping[str, Any], key: str) -> str:
    """A share with its interval: ``97.4 % [96.2, 98.2]``; a dash where there is none."""
    if row.get(key) is None:
        return "–"
    return percent_interval(MetricInterval(row[key], row[f"{key}_low"], row[f"{key}_high"]))


def recipe_line(table: Mapping[str, Any], recipe: str) -> str:
    """One recipe's answer in a line; what is known of it where it has not finished."""
    row = row_of(table, recipe)
    if row is None:
        return f"{recipe}: {table['left_out'].get(recipe, 'has not finished')}"
    name = row["title"] if recipe == MAJORITY else recipe
    tested_on = f"{count(row['n_test'])} {table.get('tested_on', 'test photos')}"
    return f"{name}: right on {interval(row, 'test_accuracy')} of {tested_on}"


def dataset_line(table: Mapping[str, Any]) -> str:
    """How many photos there are, such as ``800 train, 100 val, 100 test``."""
    counts: Mapping[str, int] = table["counts"]
    if "folds" in table:
        return f"{count(sum(counts.values()))} photos in {table['folds']} folds, each tested once"
    return ", ".join(f"{count(number)} {split}" for split, number in counts.items())


def accuracy_note(table: Mapping[str, Any]) -> str:
    """What the accuracies are of."""
    tested = "accuracy is out of fold" if "folds" in table else "test accuracy is that of the packaged model"
    return f"{tested}; those of validation and training are as trained"


def verdict_lines(table: Mapping[str, Any]) -> list[str]:
    """The verdict, what it rests on, and what to do now."""
    verdict = table["verdict"]
    return [
        verdict["answer"],
        *(f"  {reason}" for reason in verdict["reasons"]),
        f"What to do now: {verdict['advice']}",
    ]


def best_recipe(table: Mapping[str, Any]) -> str:
    """The recipe to use: the cheapest of those that cannot be told apart from the best."""
    return str(table["verdict"]["recommended"])
