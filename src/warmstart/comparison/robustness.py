"""How much accuracy each recipe loses on corrupted images, and which loses least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.robustness_messages import robustness_sentences
from warmstart.files.reading import damage
from warmstart.records.robustness import (
    CLEAN,
    ROBUSTNESS,
    ROBUSTNESS_TABLE,
    CorruptedRow,
    LossPair,
    Robustness,
    RobustnessRecord,
    RobustRecipe,
)
from warmstart.statistics.multiple_tests import holm
from warmstart.statistics.paired_means import mean_intervals, sign_flip_test

RESAMPLES = 10_000


@dataclass(frozen=True)
class RobustnessComparison:
    """measured: by recipe, in the order of the list, all on the same images."""

    measured: dict[str, Robustness]
    record: RobustnessRecord


@dataclass(frozen=True)
class _Losses:
    """By path. labels: int64 (n,). losses: float64 (n,), right as it is minus the share of corruptions under which it
    is right.
    """

    paths: list[str]
    labels: np.ndarray
    losses: np.ndarray


def compare_robustness(finished: Sequence[FinishedRecipe], confidence: float) -> RobustnessComparison | None:
    """Compare the recipes that were tested under corruptions on the same images as the first of them; None where none
    was. confidence: of intervals, in (0, 1). Raises UserError for damaged files.
    """
    tested = [recipe for recipe in finished if _folder(recipe).joinpath(ROBUSTNESS).exists()]
    read = {recipe.name: _read(_folder(recipe) / ROBUSTNESS_TABLE) for recipe in tested}
    alike = [recipe for recipe in tested if read[recipe.name].paths == read[tested[0].name].paths]
    if not alike:
        return None
    measured = {recipe.name: Robustness.read(_folder(recipe) / ROBUSTNESS) for recipe in alike}
    labels = read[alike[0].name].labels
    losses = {recipe.name: read[recipe.name].losses for recipe in alike}
    intervals = mean_intervals(np.stack(list(losses.values())), labels, confidence, RESAMPLES)
    recipes = [
        RobustRecipe(name, one.clean, one.mean, loss)
        for (name, one), loss in zip(measured.items(), intervals, strict=True)
    ]
    # What guesses loses nothing.
    sound = {recipe.name: losses[recipe.name] for recipe in alike if recipe.beats_majority}
    pairs = _pairs(sound, labels, confidence)
    sentences = robustness_sentences(recipes, pairs, [name for name in losses if name not in sound], len(labels))
    return RobustnessComparison(measured, RobustnessRecord(len(labels), recipes, pairs, sentences))


def _pairs(losses: dict[str, np.ndarray], labels: np.ndarray, confidence: float) -> list[LossPair]:
    order = sorted(losses, key=lambda name: losses[name].mean())
    named = list(combinations(order, 2))
    if not named:
        return []
    differences = np.stack([losses[second] - losses[first] for first, second in named])
    corrected = holm(sign_flip_test(differences))
    intervals = mean_intervals(differences, labels, confidence, RESAMPLES)
    return [
        LossPair(*pair, gap, p, p < 1 - confidence and (gap.low > 0 or gap.high < 0))
        for pair, gap, p in zip(named, intervals, corrected, strict=True)
    ]


def _folder(recipe: FinishedRecipe) -> Path:
    return recipe.folder / "evaluate"


def _read(path: Path) -> _Losses:
    lines = list(CorruptedRow.iter_rows(path))
    paths = sorted({line.path for line in lines})
    place = {path: number for number, path in enumerate(paths)}
    labels, clean, right = np.zeros(len(paths), dtype=np.int64), np.zeros(len(paths)), np.zeros(len(paths))
    for line in lines:
        at, hit = place[line.path], line.predicted == line.label
        labels[at] = line.label
        if line.corruption == CLEAN:
            clean[at] = hit
        else:
            right[at] += hit
    many = sum(line.corruption == CLEAN for line in lines)
    conditions = len({(line.corruption, line.severity) for line in lines} - {(CLEAN, 0)})
    if not conditions or many != len(paths) or len(lines) != (conditions + 1) * many:
        raise damage(path, "it lacks answers to some images", CorruptedRow.WHAT)
    return _Losses(paths, labels, clean - right / conditions)
