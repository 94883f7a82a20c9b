"""Sentences about all pairs of recipes: which are not told apart, and how many images would do."""

from __future__ import annotations

from collections.abc import Sequence

from warmstart.comparison.messages import tested_on
from warmstart.comparison.pairwise import Pairwise
from warmstart.records.intervals import SeedIntervals
from warmstart.records.pairwise import NeededImages, PairwiseRecord
from warmstart.text.quantities import count, percent, plural

ALL_APART = "Every recipe is told apart from every other on these {n} {tested}."
NONE_APART = "No recipe is told apart from any other on these {n} {tested}."
NOT_APART = "Not told apart on these {n} {tested}: {groups}."
ALONE = "Told apart from every other: {names}."
LEADING_APART = "The two {best}, {first} and {second}, are told apart."
NARROWED_BY = (
    "Of the difference between {first} and {second}, the two most accurate, the interval over {wide} is wider than "
    "that over {narrow}: more {wide} would narrow it most."
)
MANY = 3  # recipes that are named one by one; more are a range, where they are next to each other


def pairwise_record(pairwise: Pairwise, folds: int) -> PairwiseRecord:
    """The record of table.json. folds: 1 without."""
    sentences = pairwise_sentences(pairwise, folds)
    return PairwiseRecord(pairwise.order, pairwise.pairs, pairwise.groups, pairwise.needed, sentences)


def pairwise_sentences(pairwise: Pairwise, folds: int) -> list[str]:
    """Which recipes cannot be told apart, and how many images the two leading ones take; empty for one recipe."""
    if not pairwise.pairs:
        return []
    n = pairwise.pairs[0].paired.n
    tested, leading = tested_on(folds, pairwise.seeds), pairwise.pairs[0]
    sentences = group_sentences(pairwise.groups, pairwise.order, count(n), tested)
    if needed := pairwise.needed:
        sentences.append(needed_sentence(needed, n, tested, corrected=len(pairwise.pairs) > 1))
    elif leading.paired.over and not leading.clear:
        sentences.append(narrowed_by(leading.first, leading.second, leading.paired.over))
    elif len(pairwise.order) > 2 and leading.clear:
        best = "most accurate" if pairwise.by_accuracy else "best"
        sentences.append(LEADING_APART.format(best=best, first=pairwise.order[0], second=pairwise.order[1]))
    return sentences


def narrowed_by(first: str, second: str, over: SeedIntervals) -> str:
    """Whether more images or more seeds would tell two recipes apart the sooner."""
    names = sorted(("images", "seeds"), key=lambda name: getattr(over, name).low - getattr(over, name).high)
    return NARROWED_BY.format(first=first, second=second, wide=names[0], narrow=names[1])


def group_sentences(groups: Sequence[Sequence[str]], order: Sequence[str], n: str, tested: str) -> list[str]:
    """The groups of recipes that are not told apart. order: the highest accuracy first."""
    several = [group for group in groups if len(group) > 1]
    if not several:
        return [ALL_APART.format(n=n, tested=tested)]
    if len(groups) == 1:
        return [NONE_APART.format(n=n, tested=tested)]
    named = "; ".join(_named(group, order) for group in several)
    sentences = [NOT_APART.format(n=n, tested=tested, groups=named)]
    if alone := [group[0] for group in groups if len(group) == 1]:
        sentences.append(ALONE.format(names=_listed(alone)))
    return sentences


def needed_sentence(needed: NeededImages, n: int, tested: str, *, corrected: bool) -> str:
    """How many images tell the two leading recipes apart, or why there is no such number."""
    pair = f"{needed.first} and {needed.second}, the two most accurate,"
    only_one = f"only one of them is right on {percent(needed.disagree)} % of the {tested}"
    if needed.images is None:
        sentence = (
            f"It cannot be said how many images would tell {pair} apart: {only_one}, and the difference is within its "
            "standard error, too near 0 for a number."
            if needed.disagree
            else f"It cannot be said how many images would tell {pair} apart: they are right on the same ones."
        )
        if needed.smallest is not None:
            size = f"{100 * needed.smallest:.1f}"
            sentence += f" A difference of about {size} points would probably have been found on {count(n)} images."
        return sentence
    level = f", at the level {needed.level:.2g} that the correction leaves" if corrected else ""
    return (
        f"To tell {pair} apart takes about {_rounded(needed.images)} {tested}, not {count(n)}: {only_one}, and so many "
        f"images find a difference like theirs in {percent(needed.power)} % of cases".replace(".0 % of", " % of")
        + f"{level}."
    )


def _named(group: Sequence[str], order: Sequence[str]) -> str:
    places = [order.index(name) for name in group]
    if len(group) > MANY and places[-1] - places[0] == len(group) - 1:
        return f"the {plural(len(group), 'recipe')} from {group[0]} to {group[-1]}"
    return _listed(group)


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _rounded(images: int) -> str:
    """In two digits, since the number is rough."""
    digits = max(0, len(str(images)) - 2)
    return count(round(images, -digits))
