"""``warmstart report``: the table of the recipes, the verdict, and where the page is."""

from __future__ import annotations

import sys
import webbrowser
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from warmstart.cli.checkout import find_checkout
from warmstart.cli.result import MAJORITY, interval, read_table
from warmstart.cli.words import took
from warmstart.console import say
from warmstart.errors import UserError

HEADINGS = ("recipe", "test accuracy", "validation, kept epoch", "training, last epoch", "trained in")


def report(args: Namespace) -> int:
    """Print it. Raises UserError where there is none."""
    checkout = find_checkout()
    name = args.name or str(checkout.panel().get("data"))
    table = read_table(checkout, name)
    page = checkout.report(name).with_name("index.html")
    say(f"{name}: {', '.join(table['classes'][:10])}{' …' if len(table['classes']) > 10 else ''}; {_counts(table)}")
    rows = [_cells(row) for row in table["rows"]]
    if sys.stdout.isatty():
        _rich(rows)
    else:
        for cells in [HEADINGS, *rows]:
            widths = [max(len(line[i]) for line in [HEADINGS, *rows]) for i in range(len(HEADINGS))]
            say("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    say(f"brackets: {100 * table['confidence']:.0f} % intervals; * is what the verdict is about")
    waiting = [recipe for recipe, reason in table["left_out"].items() if reason.startswith("has not finished")]
    if waiting:
        say(f"not finished: {', '.join(waiting)}")
    for recipe, reason in table["left_out"].items():
        if recipe not in waiting:
            say(f"{recipe}: {reason}")
    say(f"\n{table['verdict']['answer']}")
    for reason in table["verdict"]["reasons"]:
        say(f"  {reason}")
    say(f"page: {checkout.short(page)}")
    if args.open and not webbrowser.open(page.as_uri()):
        raise UserError(f"no browser could be opened: open {page} yourself")
    return 0


def _counts(table: Mapping[str, Any]) -> str:
    return ", ".join(f"{number} {split}" for split, number in table["counts"].items())


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    name = row["title"] if row["recipe"] == MAJORITY else f"{row['recipe']}{' *' if row['chosen'] else ''}"
    train = "–" if row["train_accuracy_last"] is None else f"{row['train_accuracy_last']:.3f}"
    time = "–" if row["seconds"] is None else took(row["seconds"])
    return name, f"{interval(row, 'test_accuracy')}  n = {row['n_test']}", interval(row, "val_accuracy_kept"), train, time


def _rich(rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*HEADINGS)
    for cells in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in cells))
    Console().print(table)
