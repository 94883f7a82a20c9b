"""The report folder: table, charts and page, written in one step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from warmstart.comparison.report.accuracy_chart import draw_accuracies
from warmstart.comparison.report.learning_curves import draw_overlay, draw_recipe
from warmstart.comparison.report.reliability_diagram import draw_reliability
from warmstart.comparison.report.report_page import render_page
from warmstart.comparison.suspects import Suspects
from warmstart.files.plain import replace_dir, write_bytes, write_text
from warmstart.records.comparison_row import ComparisonRow
from warmstart.records.suspects import SuspectRow

if TYPE_CHECKING:
    from warmstart.comparison.compare import Comparison


def write_report(comparison: Comparison, suspects: Suspects, out_dir: str | Path) -> None:
    """Replace ``out_dir`` by index.html, table.csv, table.json, corrections.csv, accuracy.png, reliability.png,
    curves.png and curves/<recipe>.png.
    """
    table = comparison.to_table(suspects)
    charts, narrow = (_charts(comparison, narrow=narrow) for narrow in (False, True))
    with replace_dir(out_dir) as out:
        for name, data in charts.items():
            write_bytes(out / f"{name}.png", data)
        ComparisonRow.write_rows(out / "table.csv", table.rows)
        SuspectRow.write_rows(out / "corrections.csv", (suspect.line for suspect in suspects.found))
        table.write(out / "table.json")
        write_text(out / "index.html", render_page(comparison, table, suspects, charts, narrow))


def _charts(comparison: Comparison, *, narrow: bool) -> dict[str, bytes]:
    finished = comparison.finished
    return {
        "accuracy": draw_accuracies(comparison.rows, comparison.confidence, comparison.store.folds, narrow=narrow),
        "reliability": draw_reliability(finished, narrow=narrow),
        "curves": draw_overlay(finished, narrow=narrow),
        **{f"curves/{recipe.name}": draw_recipe(recipe, narrow=narrow) for recipe in finished},
    }
