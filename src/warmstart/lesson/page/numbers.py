"""What the tables of the lesson's page show: numbers of finished recipes as text, and what `interpret` has written.

None where a recipe is not trained yet, or a file not made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from warmstart.comparison.report.published_accuracies import published_for
from warmstart.lesson.page.results import DatasetResults
from warmstart.records.interpretation import InterpretationSummary, MapScores
from warmstart.records.layers import Layer
from warmstart.records.pages import ActivationsPage, DepthTrend, PatternsPage, PatternTiles
from warmstart.text.quantities import count, percent_interval


@dataclass(frozen=True)
class Accuracies:
    """published: the lesson's, or "–". last_epoch: on validation. gap: training minus validation at the last epoch.

    out_of_fold: whether ``test`` is of all images, each by the network of the fold that tests on it.
    """

    published: str
    source: str = ""
    last_epoch: str | None = None
    test: str | None = None
    gap: str = ""
    out_of_fold: bool = False


def test_accuracy(results: DatasetResults | None, recipe: str) -> str | None:
    """``97.3 % [96.1, 98.2], n = 1,000``."""
    if results is None or recipe not in results.recipes:
        return None
    test = results.recipes[recipe].metrics.test
    return f"{percent_interval(test.accuracy)}, n = {count(test.n)}"


def accuracies(results: DatasetResults, recipe: str) -> Accuracies:
    """Accuracy on validation at the last epoch, as the lesson gives it, and on test; the gap to training."""
    lesson = published_for("cats_vs_dogs", 2).get(recipe)
    published = f"{'about ' if lesson.about else ''}{100 * lesson.accuracy:.4g} %" if lesson else "–"
    if recipe not in results.recipes:
        return Accuracies(published)
    finished = results.recipes[recipe]
    last, n = finished.summary.last, finished.summary.n.val
    return Accuracies(
        published,
        source=lesson.source if lesson else "",
        last_epoch=f"{100 * last.val_acc:.1f} %, n = {n:,}",
        test=test_accuracy(results, recipe),
        gap=f"{100 * (last.train_acc - last.val_acc):+.1f} points".replace("-", "−"),
        out_of_fold=finished.folds > 1,
    )


def parameter_count(results: DatasetResults, recipe: str) -> str | None:
    """``16,812,353, 2,097,665 trained``: parameters, and how many of them are trained unless all are."""
    if recipe not in results.recipes:
        return None
    parameters = results.recipes[recipe].summary.parameters
    total, trainable = parameters.total, parameters.trainable
    return count(total) + ("" if trainable == total else f", {count(trainable)} trained")


def convolution_parameters(results: DatasetResults | None, recipe: str) -> str | None:
    """``55,744``: parameters of the layers before the first dense layer."""
    layers = _before_head(results, recipe)
    return f"{sum(layer.parameters for layer in layers):,}" if layers else None


def feature_map_shape(results: DatasetResults | None, recipe: str) -> str | None:
    """``3 × 3 × 64``: height, width and channels of the feature map before the first dense layer."""
    maps = [layer.output_shape for layer in _before_head(results, recipe) if len(layer.output_shape) == 3]
    if not maps:
        return None
    channels, height, width = maps[-1]
    return f"{height} × {width} × {channels}"


def _before_head(results: DatasetResults | None, recipe: str) -> list[Layer]:
    """The layers before the first dense one."""
    layers = results.layers(recipe) if results else []
    end = next((i for i, layer in enumerate(layers) if layer.type in ("Flatten", "Linear")), len(layers))
    return layers[:end]


def compare_losses(results: DatasetResults, first: str, second: str) -> str | None:
    """Validation losses of two recipes at their last epochs; None unless both are there and finite."""
    names = [name for name in (first, second) if name in results.recipes]
    losses = [results.recipes[name].summary.last.val_loss for name in names]
    if len(losses) < 2 or not all(math.isfinite(loss) for loss in losses):
        return None
    return f"{losses[0]:.3f} ({first}) against {losses[1]:.3f} ({second})"


def read_sparsity_trend(interpretation: Path) -> DepthTrend | None:
    """The share of zeros by depth, from activations.json; None where that is not made or has too few layers."""
    path = interpretation / "activations" / "activations.json"
    depth = ActivationsPage.read(path).depth if path.exists() else None
    return depth.off if depth else None


def read_pattern_sheets(patterns: Path) -> list[PatternTiles]:
    """The sheets of patterns by layer, from patterns.json; empty where that is not made."""
    path = patterns / "patterns.json"
    return PatternsPage.read(path).layers if path.exists() else []


def read_map_scores(interpretation: Path) -> MapScores | None:
    """Whether the maps can be trusted, from summary.json; None where it is not tested."""
    path = interpretation / "summary.json"
    return InterpretationSummary.read(path).scores if path.exists() else None
