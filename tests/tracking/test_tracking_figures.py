"""Figures of what the stages wrote: as shipped and as trained under names of their own, and nothing of what is not there."""

from __future__ import annotations

from support import Folders
from warmstart.files.plain import read_json
from warmstart.tracking.figures import evaluation_figures, table_figures, training_figures


def test_shipped_and_trained_have_names_of_their_own(measured: Folders) -> None:
    figures = evaluation_figures(read_json(measured.model("scratch_augmented").parent / "evaluate" / "metrics.json"))
    assert figures["test/acc"] > figures["test_as_trained/acc"] == 0.5 and figures["packaged/threshold"] > 0.55
    table = table_figures(read_json(measured.root / "report" / "table.json"))
    assert table["table/scratch_augmented_test_accuracy"] == figures["test/acc"]
    assert table["table/scratch_augmented_test_accuracy_as_trained"] == 0.5


def test_what_is_not_there_is_no_figure(measured: Folders) -> None:
    metrics = read_json(measured.model("scratch").parent / "evaluate" / "metrics.json")
    many = {
        "test": {**metrics["test"], "auroc": None},
        "as_trained": {"test": {**metrics["test"], "auroc": None}},
        "threshold": None,
    }
    figures = evaluation_figures({**metrics, **many})
    assert "test/acc" in figures and not [name for name in figures if "auroc" in name or "threshold" in name]
    assert evaluation_figures({}) == training_figures({}) == {}
    del metrics["as_trained"]
    assert evaluation_figures(metrics) == {}  # of an earlier version, which measured something else
