"""Which recipe loses least on corrupted images, in words."""

from __future__ import annotations

from collections.abc import Sequence

from warmstart.records.intervals import MetricInterval
from warmstart.records.robustness import LossPair, RobustRecipe
from warmstart.text.quantities import count, plural

LEAST = (
    "Under corruptions {recipe} loses least, {loss} points of accuracy on average, down to {mean} %, on the same {n} "
    "test images."
)
ALONE = "Under corruptions {recipe} loses {loss} points of accuracy on average, down to {mean} %, on {n} test images."
MORE = "Clearly more (corrected for {pairs}): {named}."
NOT_APART = "Not told apart from it: {named}."
GUESSING = "Left out, since what guesses loses nothing: {named}."


def robustness_sentences(
    recipes: Sequence[RobustRecipe], pairs: Sequence[LossPair], guessing: Sequence[str], n: int
) -> list[str]:
    """pairs: of the recipes that are not in ``guessing``, each with the one that loses less first."""
    sound = {one.recipe: one for one in recipes if one.recipe not in guessing}
    left_out = [GUESSING.format(named=", ".join(guessing))] if guessing else []
    if not sound:
        return left_out
    least = pairs[0].first if pairs else next(iter(sound))
    one = sound[least]
    template = LEAST if pairs else ALONE
    first = template.format(recipe=least, loss=_points(one.loss), mean=f"{100 * one.mean.value:.1f}", n=count(n))
    others = [pair for pair in pairs if pair.first == least]
    more = [f"{pair.second} by {_points(pair.difference)}" for pair in others if pair.clear]
    same = [f"{pair.second} ({_points(pair.difference)})" for pair in others if not pair.clear]
    sentences = [first]
    if more:
        sentences.append(MORE.format(pairs=plural(len(pairs), "pair"), named=", ".join(more)))
    if same:
        sentences.append(NOT_APART.format(named=", ".join(same)))
    return sentences + left_out


def _points(loss: MetricInterval) -> str:
    """``3.2 [1.1, 5.4]``."""
    value, low, high = (f"{100 * number:.1f}".replace("-0.0", "0.0") for number in (loss.value, loss.low, loss.high))
    return f"{value} [{low}, {high}]".replace("-", "−")
