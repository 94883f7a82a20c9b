"""The report folder: table, charts and page, written in one step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from warmstart.comparison.learning_curve.chart import curve_chart
from warmstart.comparison.metric_comparison import metric_rows, shown_by_dvc
from warmstart.comparison.report.charts import accuracy_chart, learning_curves, recipe_curves, reliability_diagrams
from warmstart.comparison.report.cost_chart import cost_chart
from warmstart.comparison.report.embedding_chart import embedding_chart
from warmstart.comparison.report.precision_recall_chart import precision_recall_chart
from warmstart.comparison.report.report_page import render_page
from warmstart.comparison.report.robustness_chart import robustness_chart
from warmstart.comparison.suspects import Suspects
from warmstart.drawing.chart import figure_png
from warmstart.files.plain import replace_dir, write_bytes, write_json, write_text
from warmstart.records.comparison import SuspectRow
from warmstart.records.comparison_row import ComparisonRow
from warmstart.records.embedding import EmbeddingRow
from warmstart.records.metrics import MetricRow
from warmstart.records.slices import SliceRow
from warmstart.records.thresholds import ThresholdRow

if TYPE_CHECKING:
    from warmstart.comparison.compare import Comparison
    from warmstart.comparison.report.extras import ReportExtras


def write_report(comparison: Comparison, suspects: Suspects, extras: ReportExtras, out_dir: str | Path) -> None:
    """Replace ``out_dir`` by index.html, table.csv, table.json, metrics.csv, slices.csv, corrections.csv, accuracy.png,
    cost.png, reliability.png, curves.png, curves/<recipe>.png, of two classes thresholds.csv and precision_recall.png,
    where recipes were tested under corruptions robustness.png, where recipes have one learning_curve.json and
    learning_curve.png, with cached features embedding.csv and embedding.png, and, for `dvc metrics show` and
    `dvc plots show`, metrics/<recipe>.json and plots/<recipe>.csv.
    """
    table = comparison.to_table(suspects)
    charts, narrow = (_charts(comparison, extras, narrow=narrow) for narrow in (False, True))
    with replace_dir(out_dir) as out:
        for name, data in charts.items():
            write_bytes(out / f"{name}.png", data)
        ComparisonRow.write_rows(out / "table.csv", table.rows)
        MetricRow.write_rows(out / "metrics.csv", metric_rows(comparison.finished, table.metrics))
        SliceRow.write_rows(out / "slices.csv", (row for one in comparison.slices.values() for row in one.rows))
        if comparison.trade_off:
            ThresholdRow.write_rows(out / "thresholds.csv", comparison.trade_off.rows)
        if extras.embedding:
            EmbeddingRow.write_rows(out / "embedding.csv", extras.embedding.table(table.classes))
        for recipe in comparison.finished:
            write_json(out / "metrics" / f"{recipe.name}.json", shown_by_dvc(recipe))
            recipe.history.write(out / "plots" / f"{recipe.name}.csv")
        SuspectRow.write_rows(out / "corrections.csv", (suspect.line for suspect in suspects.found))
        if comparison.curve:
            comparison.curve.write(out / "learning_curve.json")
        table.write(out / "table.json")
        write_text(out / "index.html", render_page(comparison, table, suspects, charts, narrow, extras))


def _charts(comparison: Comparison, extras: ReportExtras, *, narrow: bool) -> dict[str, bytes]:
    finished, rows = comparison.finished, comparison.charted
    of_rows, by = (comparison.confidence, comparison.store.folds), comparison.by
    by_seed = {one.name: one.metrics.seeds.test["accuracy"].values for one in comparison.finished if one.metrics.seeds}
    order, front = comparison.pairwise.order, comparison.front
    figures = {
        "accuracy": accuracy_chart(rows, *of_rows, by_seed, by, narrow=narrow),
        "cost": cost_chart(rows, order, front, *of_rows, comparison.seeds, by, narrow=narrow),
        "reliability": reliability_diagrams(finished, narrow=narrow),
        "curves": learning_curves(finished, narrow=narrow),
    }
    if not narrow:  # files beside the page
        figures |= {f"curves/{recipe.name}": recipe_curves(recipe) for recipe in finished}
    if comparison.curve:
        figures["learning_curve"] = curve_chart(comparison.curve, [one.name for one in finished], narrow=narrow)
    if comparison.trade_off:
        figures["precision_recall"] = precision_recall_chart(comparison.trade_off, comparison.confidence, narrow=narrow)
    if extras.embedding:
        classes, recommended = comparison.store.classes, comparison.advice.recipe
        figures["embedding"] = embedding_chart(extras.embedding, classes, recommended, narrow=narrow)
    if comparison.robustness:
        measured = comparison.robustness.measured
        figures["robustness"] = robustness_chart(finished, measured, comparison.confidence, narrow=narrow)
    return {name: figure_png(figure) for name, figure in figures.items()}
