"""``warmstart report``: the table of the recipes, the verdict, and where the page is; and its sentences for ``run``."""

from __future__ import annotations

import sys
import webbrowser
from argparse import Namespace
from pathlib import Path

from warmstart.cli import messages
from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.config.selection import SELECTABLE
from warmstart.errors import UserError
from warmstart.records.comparison import ComparisonTable
from warmstart.records.comparison_row import MAJORITY, ComparisonRow
from warmstart.records.intervals import MetricInterval
from warmstart.records.seed_metrics import SeedMetrics
from warmstart.runtime.console import say
from warmstart.text.columns import align
from warmstart.text.printable import printable
from warmstart.text.quantities import count, format_duration, measure_interval, percent, percent_interval

MAX_MISTAKES = 3  # that are named
HEADINGS = ("validation, kept epoch", "training, last epoch", "trained in")


def report(args: Namespace) -> int:
    """Print it. Raises UserError where there is none."""
    checkout = find_checkout()
    name = args.name or checkout.current_dataset()
    table = read_table(checkout, name)
    page = checkout.page(name)
    say(f"{name}: {', '.join(table.classes[:10])}{' …' if len(table.classes) > 10 else ''}; {dataset_line(table)}")
    accuracy, chosen = "accuracy, out of fold" if table.folds else "test accuracy", table.select_by
    over = ["over seeds"] if table.over_seeds else []
    extra = (f"{SELECTABLE[chosen].title}, as tested", f"{SELECTABLE[chosen].title}, validation") if chosen else ()
    headings = ("recipe", accuracy, *over, *extra, *HEADINGS)
    rows = [_cells(row, table) for row in table.rows]
    if sys.stdout.isatty():
        _rich(headings, rows)
    else:
        say("\n".join(align([headings, *rows])))
    say(f"brackets: {100 * table.confidence:.0f} % intervals; * is what the verdict is about; {accuracy_note(table)}")
    say("\n".join(metric_lines(table)))
    waiting = [recipe for recipe, reason in table.left_out.items() if reason.startswith("has not finished")]
    if waiting:
        say(f"not finished: {', '.join(waiting)}")
    for recipe, reason in table.left_out.items():
        if recipe not in waiting:
            say(f"{recipe}: {reason}")
    say("\n".join(["", *verdict_lines(table), f"page: {checkout.short(page)}"]))
    if args.open and not webbrowser.open(page.as_uri()):
        raise UserError(f"no browser could be opened: open {page} yourself")
    return 0


def _cells(row: ComparisonRow, table: ComparisonTable) -> tuple[str, ...]:
    name = row.title if row.recipe == MAJORITY else f"{row.recipe}{' *' if row.chosen else ''}"
    train = "–" if row.train_accuracy_last is None else f"{percent(row.train_accuracy_last)} %"
    time = "–" if row.seconds is None else format_duration(row.seconds)
    tested = f"{interval(row, 'test_accuracy')}  n = {count(row.n_test or 0)}"
    if row.test_accuracy_as_trained not in (None, row.test_accuracy):
        tested += f"  (as trained {interval(row, 'test_accuracy_as_trained')})"
    over = [_over_seeds(table.over_seeds.get(row.recipe))] if table.over_seeds else []
    return name, tested, *over, *_selected_cells(row), interval(row, "val_accuracy_kept"), train, time


def _over_seeds(seeds: SeedMetrics | None) -> str:
    if seeds is None:
        return "–"
    mean = seeds.test["accuracy"].mean.seeds
    return f"[{percent(mean.low)}, {percent(mean.high)}]  n = {mean.n}"


def _selected_cells(row: ComparisonRow) -> tuple[str, ...]:
    """The metric that chooses, on test and on validation images; none where that is accuracy."""
    if not row.select_by:
        return ()
    metric, value, kept = SELECTABLE[row.select_by], row.test_selected, row.val_selected_kept
    low, high = row.test_selected_low, row.test_selected_high
    tested = "–" if value is None else metric.text(value)
    if value is not None and low is not None and high is not None:
        tested = measure_interval(MetricInterval(value, low, high), metric.unit)
    return tested, "–" if kept is None else metric.text(kept)


def _rich(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings)
    for cells in rows:
        table.add_row(*map(printable, cells))
    Console(markup=False).print(table)


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


def worst_line(table: ComparisonTable, evaluate_dir: Path) -> str:
    """The mistakes of a recipe with the highest loss, and where they are shown; empty where it makes none, and where
    its predictions are not there. evaluate_dir: the recipe's.
    """
    from warmstart.comparison.top_losses import highest_losses  # only now: most commands do without NumPy

    if not any(evaluate_dir.glob("*.csv")):
        return ""
    mistakes = [row for row in highest_losses(evaluate_dir).rows if row.wrong][:MAX_MISTAKES]
    named = ", ".join(f"{printable(row.path)} (says {table.classes[row.predicted]})" for row in mistakes)
    return f"most wrong about {named}; the page shows more" if named else ""


def dataset_line(table: ComparisonTable) -> str:
    """How many photos there are, such as ``800 train, 100 val, 100 test``."""
    if table.folds:
        return f"{count(table.counts.total)} photos in {table.folds} folds, each tested once"
    return ", ".join(f"{count(table.counts.of(split))} {split}" for split in ("train", "val", "test"))


def metric_lines(table: ComparisonTable) -> list[str]:
    """The metrics of the recommended recipe, one a line; why there is none where its images do not define one."""
    recipe, row = table.verdict.recommended, table.row(table.verdict.recommended)
    lines = []
    for metric in table.metrics:
        one = metric.packaged.get(recipe)
        if isinstance(one, MetricInterval):
            lines.append(("", metric.title, measure_interval(one, metric.unit)))
        elif one:
            lines.append(("", metric.title, f"– ({one.reason})"))
    if row is None or not lines:
        return []
    network = ", of the first seed, whose network is packaged" if table.over_seeds else ""
    return [f"{recipe}, n = {count(row.n_test or 0)}{network}:", *align(lines)]


def accuracy_note(table: ComparisonTable) -> str:
    """What the accuracies are of."""
    tested = "accuracy is out of fold" if table.folds else "test accuracy is that of the packaged model"
    if table.over_seeds:
        over = "with their interval over images and, in the next column, over seeds"
        tested = f"accuracies are means of {table.seeds} seeds, {over}"
    return f"{tested}; those of validation and training are as trained"


def verdict_lines(table: ComparisonTable) -> list[str]:
    """The verdict, what it rests on, what differences are worth, which recipes are not told apart, and what to do."""
    verdict = table.verdict
    more = [
        *verdict.reasons,
        *(effect.sentence for effect in verdict.effects),
        *verdict.not_measured,
        *table.pairwise.sentences,
        *(table.robustness.sentences if table.robustness else ()),
    ]
    return [verdict.answer, *(f"  {reason}" for reason in more), f"What to do now: {verdict.advice}"]
