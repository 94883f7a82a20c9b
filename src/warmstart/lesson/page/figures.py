"""Figures of finished recipes as text, as the page's tables hold them."""

from __future__ import annotations

import math

from warmstart.comparison.report.published import published_for
from warmstart.lesson.page.facts import Facts
from warmstart.lesson.page.section import Number, Picture

MISSING = "not trained yet"


def test_accuracy(facts: Facts | None, recipe: str) -> str:
    """``97.3 % [96.1, 98.2], n = 1,000``, or that it is missing."""
    if facts is None or recipe not in facts.recipes:
        return MISSING
    test = facts.recipes[recipe].metrics["test"]
    value, low, high = (100 * test["accuracy"][key] for key in ("value", "low", "high"))
    return f"{value:.1f} % [{low:.1f}, {high:.1f}], n = {test['n']:,}"


def accuracies(facts: Facts, recipe: str) -> list[Number]:
    """Accuracy on validation at the last epoch, as the lesson gives it, and on test; the gap to training."""
    told = published_for("cats_vs_dogs", 2).get(recipe)
    published = f"{'about ' if told.about else ''}{100 * told.accuracy:.4g} %" if told else "–"
    if recipe not in facts.recipes:
        return [Number("validation accuracy, last epoch", published, MISSING)]
    done = facts.recipes[recipe]
    last = done.summary["last"]
    n = done.summary["n"]["val"]
    source = told.source if told else ""
    return [
        Number("validation accuracy, last epoch", published, f"{100 * last['val/acc']:.1f} %, n = {n:,}", source),
        Number(
            "accuracy out of fold" if done.folds > 1 else "test accuracy, kept epoch", "–", test_accuracy(facts, recipe)
        ),
        Number(
            "training − validation, last epoch",
            "–",
            f"{100 * (last['train/acc'] - last['val/acc']):+.1f} points".replace("-", "−"),
        ),
    ]


def parameters(facts: Facts, recipe: str, published: str, note: str) -> Number:
    """Parameters, and how many of them learn."""
    if recipe not in facts.recipes:
        return Number("parameters", published, MISSING, note)
    count = facts.recipes[recipe].summary["parameters"]
    learn = "" if count["trainable"] == count["total"] else f", {count['trainable']:,} trained"
    return Number("parameters", published, f"{count['total']:,}{learn}", note)


def convolution_part(facts: Facts | None, recipe: str) -> tuple[str, str]:
    """Parameters of the convolutions, and the map that they leave, before the first dense layer: ``55,744`` and ``3 × 3 × 64``."""
    rows = facts.layers(recipe) if facts else []
    until = next((i for i, row in enumerate(rows) if row["type"] in ("Flatten", "Linear")), len(rows))
    maps = [row["output_shape"] for row in rows[:until] if len(row["output_shape"]) == 3]
    if not maps:
        return MISSING, MISSING
    channels, height, width = maps[-1]
    return f"{sum(row['parameters'] for row in rows[:until]):,}", f"{height} × {width} × {channels}"


def curves(facts: Facts | None, *recipes: str) -> list[Picture]:
    """The learning curves that the report drew."""
    if facts is None:
        return []
    found = [(facts.root / "report" / "curves" / f"{recipe}.png", recipe) for recipe in recipes]
    return [Picture(path, f"{recipe} on {facts.name}: training against validation.") for path, recipe in found]


def loss_against(facts: Facts, first: str, second: str) -> str:
    """Validation losses of two recipes at their last epochs."""
    losses = [facts.recipes[name].summary["last"]["val/loss"] for name in (first, second) if name in facts.recipes]
    if len(losses) < 2 or not all(math.isfinite(loss) for loss in losses):
        return MISSING
    return f"{losses[0]:.3f} ({first}) against {losses[1]:.3f} ({second})"
