"""Slices in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from warmstart.records.slices import SliceRow
from warmstart.text.quantities import count, percent, plural, points

if TYPE_CHECKING:
    from warmstart.comparison.slices import RecipeSlices

MAX_NAMED = 3  # slices that the sentence names
NAMES = {"aspect": "width to height", "bytes": "file size", "format": "file format", "mode": "colour mode"}
QUARTER_NAMES = {1: "lowest quarter", 2: "second quarter", 3: "third quarter", 4: "highest quarter"}
WORSE = "{recipe} is clearly worse than on the other {tested} on {slices}."
NONE_WORSE = "{recipe} is on no part of the {tested} clearly worse than on the others ({tests})."
NONE_TESTED = "No part of the {tested} is large enough to be tested."
SMALLEST = "A quarter of the {tested} that is worse by about {size} points would probably have been found."


def property_name(name: str) -> str:
    """A property as the page calls it."""
    return NAMES.get(name, name)


def range_text(name: str, low: float, high: float) -> str:
    """The values of a number: ``0.12 to 0.31``."""
    digits, unit = {"size": (",.0f", " pixels"), "bytes": (".3g", " kB")}.get(name, (".2f", ""))
    ends = [format(end, digits) for end in (low, high)]
    return (ends[0] if ends[0] == ends[1] else " to ".join(ends)) + unit


def quarter_text(quarter: int | None, values: str) -> str:
    """The values with the quarter that they are."""
    return values if quarter is None else f"{QUARTER_NAMES[quarter]}, {values}"


def slice_sentences(recipe: str, slices: RecipeSlices, tested: str) -> list[str]:
    """Where a recipe is clearly worse, or that it is nowhere, and how small a difference would have been seen. tested:
    the images in words.
    """
    if not slices.tests:
        return [NONE_TESTED.format(tested=tested)]
    if worse := slices.worse:
        return [WORSE.format(recipe=recipe, tested=tested, slices=_named(worse))]
    sentences = [NONE_WORSE.format(recipe=recipe, tested=tested, tests=plural(slices.tests, "test"))]
    if slices.detectable is not None:
        sentences.append(SMALLEST.format(tested=tested, size=f"{100 * slices.detectable:.1f}"))
    return sentences


def _named(rows: Sequence[SliceRow]) -> str:
    parts = [
        f"those with {property_name(row.property)} {row.value}: {percent(row.accuracy)} % of {count(row.n)}, "
        f"{points(row.difference)} points [{points(row.difference_low)}, {points(row.difference_high)}]"
        for row in rows[:MAX_NAMED]
    ]
    more = len(rows) - len(parts)
    return "; ".join(parts) + (f"; and {more} more" if more else "")
