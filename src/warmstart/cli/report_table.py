"""The sentences of a report, made from its table."""

from __future__ import annotations

from warmstart.cli import messages
from warmstart.cli.checkout import Checkout
from warmstart.errors import UserError
from warmstart.records.comparison import ComparisonTable
from warmstart.records.comparison_row import MAJORITY, ComparisonRow
from warmstart.records.intervals import MetricInterval
from warmstart.text.quantities import count, percent_interval


def read_table(checkout: Checkout, name: str) -> ComparisonTable:
    """The table of a dataset's report. Raises UserError where there is none, or where an earlier version made it."""
    file = checkout.report(name)
    if file.exists():
        return ComparisonTable.read(file)
    others = sorted(path.parent.parent.name for path in checkout.root.glob("artifacts/*/report/table.json"))
    raise UserError(messages.no_report(name, others))


def interval(row: ComparisonRow, metric: str) -> str:
    """A share with its interval: ``97.4 % [96.2, 98.2]``; a dash where there is none."""
    value, low, high = (getattr(row, f"{metric}{end}") for end in ("", "_low", "_high"))
    return "–" if value is None else percent_interval(MetricInterval(value, low, high))


def recipe_line(table: ComparisonTable, recipe: str) -> str:
    """One recipe's answer in a line; what is known of it where it has not finished."""
    row = table.row(recipe)
    if row is None:
        return f"{recipe}: {table.left_out.get(recipe, 'has not finished')}"
    name = row.title if recipe == MAJORITY else recipe
    tested_on = f"{count(row.n_test or 0)} {table.tested_on or 'test photos'}"
    return f"{name}: right on {interval(row, 'test_accuracy')} of {tested_on}"


def dataset_line(table: ComparisonTable) -> str:
    """How many photos there are, such as ``800 train, 100 val, 100 test``."""
    if table.folds:
        return f"{count(table.counts.total)} photos in {table.folds} folds, each tested once"
    return ", ".join(f"{count(table.counts.of(split))} {split}" for split in ("train", "val", "test"))


def accuracy_note(table: ComparisonTable) -> str:
    """What the accuracies are of."""
    tested = "accuracy is out of fold" if table.folds else "test accuracy is that of the packaged model"
    return f"{tested}; those of validation and training are as trained"


def verdict_lines(table: ComparisonTable) -> list[str]:
    """The verdict, what it rests on, and what to do now."""
    verdict = table.verdict
    return [verdict.answer, *(f"  {reason}" for reason in verdict.reasons), f"What to do now: {verdict.advice}"]
