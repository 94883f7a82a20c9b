from __future__ import annotations

import json
from pathlib import Path

import pytest

from finished_recipes import write_images, write_recipe
from record_builders import epoch_metrics
from warmstart.comparison.compare import build_comparison
from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.report.interactive import add_hover, figures_json, library_script, new_plot
from warmstart.comparison.report.interactive_curves import PLACES, interactive_curves
from warmstart.records.history import History


@pytest.fixture
def finished(tmp_path: Path) -> list[FinishedRecipe]:
    write_images(tmp_path)
    write_recipe(tmp_path, "scratch", "scratch", wrong=12)
    write_recipe(tmp_path, "features", "transfer", wrong=4, epochs=1)
    return build_comparison(tmp_path, ["scratch", "features"]).finished


def test_every_recipe_has_both_curves_on_both_figures_with_the_epochs_as_measured(
    finished: list[FinishedRecipe],
) -> None:
    plots = interactive_curves(finished)
    assert tuple(plots) == PLACES
    for plot, column in zip(plots.values(), ("acc", "loss"), strict=True):
        dots = [one for one in plot.renderers if type(one.glyph).__name__ == "Scatter"]
        for recipe in finished:
            for part, name in (("val", "validation"), ("train", "training")):
                (own,) = (one for one in dots if one.tags[:2] == [recipe.name, name])
                data = own.data_source.data
                assert data["epoch"] == [epoch.epoch for epoch in recipe.history.epochs]
                assert data["y"] == [getattr(epoch, f"{part}_{column}") for epoch in recipe.history.epochs]
                if name == "validation":
                    largest = max(range(len(data["size"])), key=data["size"].__getitem__)
                    assert data["epoch"][largest] == recipe.summary.kept_epoch
    accuracy, loss = plots.values()
    assert accuracy.x_range is loss.x_range  # zoomed together


@pytest.mark.parametrize(("least", "axis"), [(0.1, "LogAxis"), (0.0, "LinearAxis"), (float("nan"), "LinearAxis")])
def test_a_loss_of_nothing_has_no_logarithm(tmp_path: Path, least: float, axis: str) -> None:
    write_images(tmp_path)
    folder = write_recipe(tmp_path, "scratch", "scratch", wrong=12)
    History([epoch_metrics(1), epoch_metrics(2, val_loss=least)]).write(folder / "model/history.csv")
    plots = interactive_curves(build_comparison(tmp_path, ["scratch"]).finished)
    assert type(plots["curves-loss"].yaxis[0]).__name__ == axis
    figures_json(plots)  # can be written


def test_the_same_figures_give_the_same_text(finished: list[FinishedRecipe]) -> None:
    assert figures_json(interactive_curves(finished)) == figures_json(interactive_curves(finished))


def test_text_in_a_figure_cannot_leave_its_script_and_shows_what_it_hides() -> None:
    plot = new_plot("", "")
    name = "</script><img>&\u202e"
    add_hover(plot, [("", "@name")], [plot.scatter([0], [0], name=name)])
    text = str(figures_json({"place": plot}))
    assert "<" not in text and "&" not in text and r"\\u202e" in text
    assert list(json.loads(text)["roots"].values()) == ["place"]


def test_the_script_is_the_libraries_with_its_licence_and_nothing_to_load() -> None:
    script = library_script()
    assert "Redistributions in binary form" in script and "</script" not in script and "<script" not in script
