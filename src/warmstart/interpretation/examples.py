"""Test images with what the recipe predicted, and which of them are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from warmstart.dataset.round_robin import round_robin_order
from warmstart.errors import UserError
from warmstart.files.reading import damage
from warmstart.records.predictions import PredictionRow

Example: TypeAlias = PredictionRow  # of a test image


def read_examples(path: str | Path) -> list[Example]:
    """The test rows of a predictions.csv. Raises UserError when it is missing or is not one that `evaluate` wrote."""
    return [row for row in PredictionRow.iter_rows(path) if row.split == "test"]


def check_images(examples: Sequence[Example], paths: Sequence[str], source: str | Path) -> None:
    """Raises UserError unless each example is the image of its row. paths: of the prepared test images, in order."""
    for e in examples:
        if not (0 <= e.row < len(paths) and paths[e.row] == e.path):
            raise UserError(f"{source} is about other images than the prepared ones ({e.path}): evaluate again")
    if len(examples) != len(paths):
        raise damage(source, f"it has {len(examples)} of {len(paths)} test images", PredictionRow.WHAT)


def pick_right(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """Correct predictions: half from the quarter with the largest p, then half from the rest.

    Within each half the classes take turns. The same seed picks the same images.
    """
    rng = np.random.default_rng(seed)
    right = _by_confidence(e for e in examples if not e.wrong)
    quarter = -(-len(right) // 4)
    confident = round_robin([right[i] for i in rng.permutation(quarter)])[: -(-count // 2)]
    taken = {e.row for e in confident}
    rest = [right[i] for i in rng.permutation(len(right)) if i >= quarter]
    spare = [e for e in right[:quarter] if e.row not in taken]
    return confident + (round_robin(rest) + spare)[: count - len(confident)]


def pick_wrong(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """Wrong predictions drawn at random, the true classes taking turns. The same seed picks the same images."""
    return pick_sample([e for e in examples if e.wrong], count, seed)


def pick_confident_wrong(examples: Sequence[Example], count: int) -> list[Example]:
    """Wrong predictions, the most confident first."""
    return _by_confidence(e for e in examples if e.wrong)[:count]


def pick_sample(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """A random sample balanced over the true classes, as far as they go. The same seed picks the same images."""
    return round_robin(_shuffled(examples, seed))[:count]


def pick_more_wrong(examples: Sequence[Example], sample: Sequence[Example], least: int, seed: int) -> list[Example]:
    """Wrong predictions outside ``sample``, drawn at random, so many that it and they hold ``least``, if there are."""
    taken = {e.row for e in sample}
    others = [e for e in examples if e.wrong and e.row not in taken]
    return _shuffled(others, seed)[: max(0, least - sum(e.wrong for e in sample))]


def most_confident_right(examples: Sequence[Example]) -> Example:
    """The correct prediction with the largest p, or the most confident one where nothing is right; the first of equals.

    Raises ValueError when there are no examples.
    """
    return min([e for e in examples if not e.wrong] or examples, key=lambda e: (-e.p, e.row))


def spread_rows(total: int, count: int) -> list[int]:
    """At most ``count`` rows, evenly spread over ``total``, so that no class is left out where they are sorted."""
    return [int(row) for row in np.linspace(0, total - 1, min(total, count)).round()] if total else []


def round_robin(examples: Sequence[Example]) -> list[Example]:
    """One of each true class in turn, keeping the order within a class."""
    return [examples[i] for i in round_robin_order([e.label for e in examples])]


def _by_confidence(examples: Iterable[Example]) -> list[Example]:
    return sorted(examples, key=lambda e: (-e.p, e.row))


def _shuffled(examples: Sequence[Example], seed: int) -> list[Example]:
    return [examples[i] for i in np.random.default_rng(seed).permutation(len(examples))]
