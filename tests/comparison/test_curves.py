"""Learning curves show what was measured, on axes that can be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from record_builders import epoch_metrics, evaluation_metrics, prediction_speed, training_summary
from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.report.charts import learning_curves
from warmstart.drawing.ticks import log_ticks
from warmstart.evaluation.prediction_table import PredictionTable
from warmstart.records.history import History


def finished(tmp_path: Path, name: str, accuracies: list[float], losses: list[float]) -> FinishedRecipe:
    epochs = [
        epoch_metrics(epoch, accuracy, val_loss=loss, smooth_val_loss=0.9 * loss, smooth_val_acc=0.9 * accuracy)
        for epoch, (accuracy, loss) in enumerate(zip(accuracies, losses, strict=True), 1)
    ]
    nothing = PredictionTable(tmp_path, [], np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    history = History(epochs)
    summary = training_summary(kept_epoch=history.best.epoch)
    return FinishedRecipe(name, tmp_path, summary, evaluation_metrics(), history, nothing, prediction_speed())


def test_the_strong_line_and_its_dot_are_what_was_measured(tmp_path: Path) -> None:
    accuracies, losses = [0.5, 0.6, 0.868, 0.7], [0.9, 0.7, 0.4, 0.5]
    for ax, measured in zip(
        learning_curves([finished(tmp_path, "a", accuracies, losses)]).axes, (accuracies, losses), strict=True
    ):
        strong = max(ax.lines, key=lambda line: (line.get_alpha() or 1.0, len(line.get_ydata())))
        assert list(strong.get_ydata()) == measured
        assert list(strong.get_xdata()) == [1, 2, 3, 4]
        (dot,) = (line for line in ax.lines if len(line.get_ydata()) == 1)
        assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (3, measured[2])


@pytest.mark.parametrize("losses", [[0.31, 0.312], [0.29, 0.25, 0.27], [0.0012, 0.5, 4.0], [0.693], [1e-5, 30.0]])
def test_the_loss_axis_has_labelled_ticks_that_differ(tmp_path: Path, losses: list[float]) -> None:
    figure = learning_curves([finished(tmp_path, "a", [0.5] * len(losses), losses)])
    figure.draw_without_rendering()
    ax = figure.axes[1]
    low, high = ax.get_ylim()
    texts = [text.get_text() for text, y in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True) if low <= y <= high]
    assert len(texts) > 1
    assert all(texts)
    assert len(set(texts)) == len(texts)


def test_a_logarithmic_axis_has_two_ticks_or_more_whatever_it_spans() -> None:
    random = np.random.default_rng(0)
    for low, ratio in zip(10 ** random.uniform(-6, 3, 3000), 10**10 ** random.uniform(-3, 1, 3000), strict=True):
        ticks = log_ticks(low, low * ratio)
        assert 1 < len(ticks) < 14, (low, ratio)
        assert ticks == sorted(set(ticks))
        assert all(low <= tick <= low * ratio for tick in ticks)
