"""How many images a comparison takes, and how small a difference it can show."""

from __future__ import annotations

from math import ceil, sqrt

from scipy.optimize import brentq
from scipy.stats import norm

POWER = 0.8


def images_needed(first_only: int, second_only: int, n: int, level: float, power: float = POWER) -> int | None:
    """About how many images it takes to tell two classifiers apart by McNemar's test, two-sided.

    first_only, second_only: of n images, those on which only the one or the other is right; images to come are
    assumed to be like these. level: of the test, in (0, 1); where it is one of several, the corrected level. power: the
    chance of finding the difference, in (0, 1). None where the difference is smaller than its standard error: then it
    may as well be 0 or the other way round, and no number of images follows from it.

    The normal approximation of R. J. Connor, "Sample size for testing differences in proportions for the paired-sample
    design", Biometrics 43 (1987) 207-211.
    """
    more = abs(first_only - second_only)
    discordant = (first_only + second_only) / n
    difference = more / n
    if more == 0 or more * more < first_only + second_only:
        return None
    at_level, at_power = float(norm.isf(level / 2)), float(norm.ppf(power))
    # On few images the spread under the alternative can be 0 or, by rounding, a little below.
    spread = sqrt(max(0.0, discordant - difference**2))
    return ceil(((at_level * sqrt(discordant) + at_power * spread) / difference) ** 2)


def detectable_difference(discordant: float, n: int, level: float, power: float = POWER) -> float | None:
    """About the smallest difference in accuracy, in (0, 1], that n images show with this power, where two classifiers
    disagree on a share ``discordant`` of them. None where even one classifier being right on all of these would not be
    found. Connor's formula solved for the difference; see ``images_needed``.
    """
    at_level, at_power = float(norm.isf(level / 2)), float(norm.ppf(power))
    inside = n - at_level**2 + at_power**2
    if not discordant or inside < 0:
        return None
    found = sqrt(discordant) * (at_level * sqrt(n) + at_power * sqrt(inside)) / (n + at_power**2)
    return found if found <= discordant else None


def detectable_shortfall(share: float, n: int, others: int, level: float, power: float = POWER) -> float | None:
    """About how far, in (0, share], a proportion of n images must lie below ``share``, that of ``others`` more images,
    for a two-sided test of both at this level to find it with this power. None where even 0 would not be found.

    The normal approximation of J. L. Fleiss, "Statistical Methods for Rates and Proportions" (2nd edition, 1981),
    section 3.4, for groups of different sizes, without continuity correction.
    """
    at_level, at_power = float(norm.isf(level / 2)), float(norm.ppf(power))

    def excess(below: float) -> float:
        pooled = share - below * n / (n + others)
        same = sqrt(max(0.0, pooled * (1 - pooled)) * (1 / n + 1 / others))
        apart = sqrt((share - below) * (1 - share + below) / n + share * (1 - share) / others)
        return below - at_level * same - at_power * apart

    if share <= 0 or excess(share) < 0:
        return None
    return float(brentq(excess, share * 1e-6, share))  # above 0, which is a solution where ``share`` is 1
