"""Sentences of the learning curve."""

from __future__ import annotations

from warmstart.records.learning_curve import BoundedNumber, CatchUp, LearningCurve, RecipeCurve
from warmstart.text.quantities import count, percent, percent_interval, plural, points

POINT_FINISHED = "%s on %d images, seed %d: validation accuracy %.1f %%"
POINTS_KEPT = "%d of %d trainings are finished already and kept in %s"
STARTS_TOO = "%s starts from %s, so that is trained at every size too"
SIZE_FINISHED = "%s on %d images (%.4g %%): test accuracy %.1f %%, mean of %d seeds"
OTHER_AXES = "%s: the learning curve is of other images, sizes or seeds than that of %s, and left out"


def sentences(curve: LearningCurve) -> list[str]:
    """What the curve answers, the most important first."""
    found = _catching_up(curve, curve.catch_up) if curve.catch_up else []
    best = max(curve.recipes, key=lambda recipe: recipe.sizes[-1].mean.value)
    found += _more_images(curve, best)
    for recipe in curve.recipes:
        if recipe is not best:
            found += _more_images(curve, recipe)
    return found + _trust(curve)


def _catching_up(curve: LearningCurve, found: CatchUp) -> list[str]:
    by_name = {recipe.recipe: recipe for recipe in curve.recipes}
    scratch, transfer = by_name[found.scratch], by_name[found.transfer]
    largest = scratch.sizes[-1]
    if found.enough is None or found.difference is None:
        first = (
            f"With at most {count(transfer.sizes[-1].n)} images {found.transfer} is not clearly better than "
            f"{found.scratch} with {count(largest.n)}."
        )
    else:
        size, low, high = (percent(x) for x in (found.difference.value, found.difference.low, found.difference.high))
        first = (
            f"{found.transfer} with {count(found.enough)} images is better than {found.scratch} with "
            f"{count(largest.n)}: by {size} points [{low}, {high}]."
        )
    if found.n is None or found.share is None:
        return [first]
    often = f"{percent(found.share)} % of the resamples"
    within = f"within {count(curve.farthest)} images"
    if found.n.value is None:
        return [first, f"By their laws {found.scratch} does not catch up with {found.transfer} {within} ({often} do)."]
    where = (
        f"at about {_about(found.n.value)} images {_range(found.n, curve.farthest)}"
        if found.n.value > scratch.sizes[0].n
        else f"from the smallest size on, {count(scratch.sizes[0].n)} images"
    )
    return [first, f"By their laws {found.scratch} catches up with {found.transfer} {where}; {often} do {within}."]


def _more_images(curve: LearningCurve, recipe: RecipeCurve) -> list[str]:
    law, largest = recipe.law, recipe.sizes[-1]
    if law is None:
        return []
    doubled = ", ".join(points(x) for x in (law.doubled.low, law.doubled.high))
    text = (
        f"{recipe.recipe}: {percent_interval(largest.mean)} with {count(largest.n)} images; twice as many would bring "
        f"{points(law.doubled.value)} points [{doubled}]; "
    )
    if law.one_point.value is None:
        some = f", at best {_about(law.one_point.low)}" if law.one_point.low else ""
        return [f"{text}a point more takes over {count(curve.farthest)} images{some}."]
    about, ends = _about(law.one_point.value), _range(law.one_point, curve.farthest)
    return [f"{text}a point more takes about {about} images {ends}."]


def _trust(curve: LearningCurve) -> list[str]:
    """How well the laws of the smaller sizes predict the largest."""
    checked = [
        (recipe.law.foretold, recipe.sizes[-1].mean.value)
        for recipe in curve.recipes
        if recipe.law and recipe.law.foretold
    ]
    if not checked:
        return []
    right = sum(law.low <= value <= law.high for law, value in checked)
    largest = curve.recipes[0].sizes[-1].n
    return [
        f"Fitted without the largest size, the laws predict it within their intervals for {right} of "
        f"{plural(len(checked), 'recipe')} (n = {count(largest)}). Beyond the measured sizes they are extrapolation."
    ]


def _range(number: BoundedNumber, farthest: int) -> str:
    low, high = (f"over {count(farthest)}" if end is None else _about(end) for end in (number.low, number.high))
    return f"[{low}, {high}]"


def _about(number: int) -> str:
    """A number of images in two digits: ``4,400`` for 4,354."""
    return count(float(f"{number:.2g}"))
