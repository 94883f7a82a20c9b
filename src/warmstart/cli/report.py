"""``warmstart report``: the table of the recipes, the verdict, and where the page is."""

from __future__ import annotations

import sys
import webbrowser
from argparse import Namespace

from warmstart.cli.checkout import find_checkout
from warmstart.cli.report_table import accuracy_note, dataset_line, interval, read_table, verdict_lines
from warmstart.errors import UserError
from warmstart.records.comparison_row import MAJORITY, ComparisonRow
from warmstart.runtime.console import say
from warmstart.text.columns import align
from warmstart.text.printable import printable
from warmstart.text.quantities import count, format_duration, percent

HEADINGS = ("validation, kept epoch", "training, last epoch", "trained in")


def report(args: Namespace) -> int:
    """Print it. Raises UserError where there is none."""
    checkout = find_checkout()
    name = args.name or checkout.current_dataset()
    table = read_table(checkout, name)
    page = checkout.page(name)
    say(f"{name}: {', '.join(table.classes[:10])}{' …' if len(table.classes) > 10 else ''}; {dataset_line(table)}")
    headings = ("recipe", "accuracy, out of fold" if table.folds else "test accuracy", *HEADINGS)
    rows = [_cells(row) for row in table.rows]
    if sys.stdout.isatty():
        _rich(headings, rows)
    else:
        say("\n".join(align([headings, *rows])))
    say(f"brackets: {100 * table.confidence:.0f} % intervals; * is what the verdict is about; {accuracy_note(table)}")
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


def _cells(row: ComparisonRow) -> tuple[str, ...]:
    name = row.title if row.recipe == MAJORITY else f"{row.recipe}{' *' if row.chosen else ''}"
    train = "–" if row.train_accuracy_last is None else f"{percent(row.train_accuracy_last)} %"
    time = "–" if row.seconds is None else format_duration(row.seconds)
    tested = f"{interval(row, 'test_accuracy')}  n = {count(row.n_test or 0)}"
    if row.test_accuracy_as_trained not in (None, row.test_accuracy):
        tested += f"  (as trained {interval(row, 'test_accuracy_as_trained')})"
    return name, tested, interval(row, "val_accuracy_kept"), train, time


def _rich(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings)
    for cells in rows:
        table.add_row(*(printable(cell).replace("[", "\\[") for cell in cells))
    Console().print(table)
