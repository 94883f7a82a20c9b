"""What a recipe costs, and which recipes no other beats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from finished_recipes import write_images, write_recipe
from record_builders import packaged_model, preprocessing_settings, start_checkpoint
from warmstart.comparison.compare import build_comparison
from warmstart.comparison.cost import pareto_front
from warmstart.comparison.report.cost_chart import cost_chart
from warmstart.drawing.ticks import duration_ticks
from warmstart.records.feature_extraction import ExtractionTime, FeatureExtraction


def test_the_front_holds_what_no_other_beats() -> None:
    seconds = {"probe": 1.0, "slow": 9.0, "best": 5.0, "same": 5.0, "free": 0.0}
    accuracy = {"probe": 0.9, "slow": 0.95, "best": 0.97, "same": 0.96, "free": 0.5}
    assert pareto_front(seconds, accuracy) == ["free", "probe", "best"]
    assert pareto_front({"a": 1.0, "b": 1.0}, {"a": 0.9, "b": 0.9}) == ["a"] and pareto_front({}, {}) == []


def test_a_recipe_costs_what_it_starts_from_too(tmp_path: Path) -> None:
    write_images(tmp_path)
    write_recipe(tmp_path, "features_augmented", "transfer", wrong=2, seconds=45.0)
    write_recipe(tmp_path, "fine_tune", "transfer", wrong=1, seconds=20.0, starts_from=start_checkpoint())
    first, tuned = build_comparison(tmp_path, ["features_augmented", "fine_tune"]).rows[1:]
    assert (first.seconds, first.total_seconds, first.images_seen) == (45.0, 45.0, 120)
    assert (tuned.seconds, tuned.total_seconds, tuned.images_seen) == (20.0, 65.0, 240)
    assert tuned.package_bytes == 12_000 and tuned.predict_seconds == 0.0125 and tuned.predict_device == "cpu"
    alone = build_comparison(tmp_path, ["fine_tune"]).rows[1]
    assert alone.total_seconds == 20.0  # what it starts from is not known


def test_training_on_cached_features_costs_their_extraction_too(tmp_path: Path) -> None:
    write_images(tmp_path)
    for name, phase in (("linear_probe", "probe"), ("features_augmented", "frozen")):
        folder = write_recipe(tmp_path, name, "transfer", wrong=2, seconds=2.0, phase=phase)
        model = packaged_model(preprocessing=preprocessing_settings(size=32))
        model.write(folder / "evaluate/package/model.json")
    recipes = ["linear_probe", "features_augmented"]
    assert [row.total_seconds for row in build_comparison(tmp_path, recipes).rows[1:]] == [2.0, 2.0]  # not known
    times = [ExtractionTime(16, 80, 100.0), ExtractionTime(32, 80, 40.0)]
    FeatureExtraction(times, "cpu").write(tmp_path / "feature_extract.json")
    comparison = build_comparison(tmp_path, recipes)
    assert [(row.extraction_seconds, row.total_seconds) for row in comparison.rows[1:]] == [(40.0, 42.0), (0.0, 2.0)]
    assert any("40 s" in reason for reason in comparison.verdict_record().reasons)
    assert comparison.advice.recipe == "features_augmented"  # the cheaper of two equals, all told


@pytest.mark.parametrize("narrow", [False, True])
def test_the_picture_shows_every_recipe_at_its_cost_and_joins_the_front(tmp_path: Path, narrow: bool) -> None:
    write_images(tmp_path)
    for name, wrong, seconds in (("scratch", 12, 0.0), ("features", 4, 90.0), ("fine_tune", 6, 4000.0)):
        write_recipe(tmp_path, name, "transfer", wrong=wrong, seconds=seconds)
    comparison = build_comparison(tmp_path, ["scratch", "features", "fine_tune"])
    figure = cost_chart(comparison.rows, comparison.pairwise.order, comparison.front, 0.95, narrow=narrow)
    (ax,) = figure.axes
    assert comparison.front == ["scratch", "features"]
    front = ax.lines[0]
    assert list(front.get_xdata()[:2]) == [0.01, 90.0] and list(front.get_ydata()[:2]) == [0.7, 0.9]
    dots = [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines if line.get_marker() in ("o", "s")]
    assert dots == [(90.0, 0.9), (4000.0, 0.85), (0.01, 0.7)]
    assert ax.get_xscale() == "log" and [text.get_text() for text in ax.texts] == ["1", "2", "3"]


@pytest.mark.parametrize(("low", "high"), [(2, 5000), (0.01, 0.02), (25, 35), (1, 400_000), (0.02, 90), (40, 41)])
def test_times_have_ticks_that_can_be_read(low: float, high: float) -> None:
    ticks = duration_ticks(low, high)
    assert 2 <= len(ticks) <= 6 and ticks == sorted(ticks) and low <= ticks[0] and ticks[-1] <= high


@pytest.mark.parametrize("majority", [0.5, 0.69])
def test_the_accuracies_fill_the_picture_and_a_far_majority_class_is_told_in_words(
    tmp_path: Path, majority: float
) -> None:
    write_images(tmp_path)
    for name, wrong in (("scratch", 8), ("features", 4)):
        write_recipe(tmp_path, name, "transfer", wrong=wrong)
    comparison = build_comparison(tmp_path, ["scratch", "features"])
    rows = [row if row.family else replace(row, test_accuracy=majority) for row in comparison.rows]
    rows = [replace(row, test_accuracy_low=0.75, test_accuracy_high=0.95) if row.family else row for row in rows]
    (ax,) = cost_chart(rows, comparison.pairwise.order, comparison.front, 0.95).axes
    low, high = ax.get_ylim()
    near = majority > 0.6
    assert low < min(0.75, majority if near else 1.0) and high > 0.95 and high - low < 0.3
    dotted = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert len(dotted) == near and ("50.0 %" in ax.get_xlabel()) is not near
