"""Writing the report: table, figures and page, in one step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from warmstart.comparison.report.curves import draw_overlay, draw_recipe
from warmstart.comparison.report.intervals_plot import draw_accuracies
from warmstart.comparison.report.page import render_page
from warmstart.comparison.report.reliability import draw_reliability
from warmstart.comparison.table import table_csv
from warmstart.files.plain import replace_dir, write_bytes, write_json, write_text

if TYPE_CHECKING:
    from warmstart.comparison.compare import Comparison
    from warmstart.comparison.suspects import Suspects


def write_report(comparison: Comparison, suspects: Suspects, out_dir: str | Path) -> None:
    """Replace ``out_dir`` by index.html, table.csv, table.json, corrections.csv, accuracy.png, reliability.png, curves.png and
    curves/<recipe>.png.
    """
    figures, narrow = (_figures(comparison, narrow=narrow) for narrow in (False, True))
    with replace_dir(out_dir) as out:
        for name, data in figures.items():
            write_bytes(out / f"{name}.png", data)
        write_text(out / "table.csv", table_csv(comparison.rows))
        write_text(out / "corrections.csv", suspects.to_csv())
        write_json(out / "table.json", {**comparison.to_dict(), "suspects": suspects.to_dict()})
        write_text(out / "index.html", render_page(comparison, suspects, figures, narrow))


def _figures(comparison: Comparison, *, narrow: bool) -> dict[str, bytes]:
    return {
        "accuracy": draw_accuracies(comparison.rows, comparison.confidence, comparison.store.folds, narrow=narrow),
        "reliability": draw_reliability(comparison.finished, narrow=narrow),
        "curves": draw_overlay(comparison.finished, narrow=narrow),
        **{f"curves/{f.name}": draw_recipe(f, narrow=narrow) for f in comparison.finished},
    }
