"""The part of report/table.json about all pairs of recipes."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.records.intervals import PairedComparison


@dataclass(frozen=True)
class PairRecord:
    """Two recipes on the same images. paired: by how much ``first`` is better than ``second``. p: of its test,
    corrected for the number of pairs. clear: whether that and the interval both say that the two differ.
    """

    first: str
    second: str
    paired: PairedComparison
    p: float
    clear: bool


@dataclass(frozen=True)
class NeededImages:
    """How many test images it takes to tell the two recipes with the highest test accuracy apart.

    disagree: the share of images on which only one of the two is right. level: of the test, corrected. power: the
    chance of finding the difference. images: about how many; None where the difference is too near 0 for a number.
    smallest: about the smallest difference that the images at hand show with this power; None where they show none.
    """

    first: str
    second: str
    disagree: float
    level: float
    power: float
    images: int | None
    smallest: float | None


@dataclass(frozen=True)
class PairwiseRecord:
    """order: the recipes, the best on test images first. pairs: all of them, in this order. groups: the largest ones
    in which no two recipes are told apart; a recipe may be in several. needed: None where the two leading recipes are
    told apart, where there is one recipe only, and with several seeds. sentences: groups and ``needed`` in words.
    """

    order: list[str]
    pairs: list[PairRecord]
    groups: list[list[str]]
    needed: NeededImages | None
    sentences: list[str]

    def between(self, first: str, second: str) -> PairRecord | None:
        """The pair, in either order; None where there is none."""
        return next((pair for pair in self.pairs if {pair.first, pair.second} == {first, second}), None)
