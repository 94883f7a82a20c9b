"""Whether maps may be trusted: criteria with their bars, and one verdict. An interval decides, never the value alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

from warmstart.evaluation.intervals import Interval
from warmstart.interpretation.faithfulness import messages

PASSED, FAILED, UNDECIDED, NOT_SCORED = "passed", "failed", "undecided", "not scored"
MIN_SCORES = 16
# Measured on cats and dogs with a pretrained network, 150 px: 0.6-0.9 for its last feature map, 0.4, 0.2 and 0 for blocks
# further and further from it.
MIN_LOCALISATION = 0.5
# Measured there: 0 ± 0.1 for Grad-CAM, 1 by construction for maps that ignore the weights.
MAX_RANDOMISED = 0.2
# Measured there: 0.7 for the last feature map (0.9 at 224 px), 0.5, 0.3 and 0.1 for blocks further and further from it.
MIN_NOISE = 0.6
MAX_FLAT = 0.2  # share of maps: none of 16 can be shown to be less


@dataclass(frozen=True)
class Criterion:
    """outcome: passed, failed, undecided (the interval lies on both sides of the bar) or not scored.

    line: the outcome in a sentence, with the value and its bar.
    """

    name: str
    outcome: str
    line: str


@dataclass(frozen=True)
class Verdict:
    """trusted: None where it is not shown. text: the verdict in a sentence. criteria: what it rests on."""

    trusted: bool | None
    text: str
    criteria: list[Criterion]

    def to_dict(self) -> dict[str, object]:
        """Plain data."""
        return asdict(self)


def at_least(found: Interval, bar: float) -> str:
    """``PASSED`` where no value of the interval is below the bar, ``FAILED`` where all are, else ``UNDECIDED``."""
    return PASSED if found.low >= bar else FAILED if found.high < bar else UNDECIDED


def at_most(found: Interval, bar: float) -> str:
    """``PASSED`` where no value of the interval is above the bar, ``FAILED`` where all are, else ``UNDECIDED``."""
    return PASSED if found.high <= bar else FAILED if found.low > bar else UNDECIDED


def above(found: Interval, bar: float) -> str:
    """``PASSED`` where all values of the interval are above the bar, ``FAILED`` where none is, else ``UNDECIDED``."""
    return PASSED if found.low > bar else FAILED if found.high <= bar else UNDECIDED


def worst(outcomes: Iterable[str]) -> str:
    """Of several conditions: one that failed is enough to fail, and all must pass to pass."""
    some = set(outcomes)
    return next(outcome for outcome in (FAILED, NOT_SCORED, UNDECIDED, PASSED) if outcome in some)


def judge(metrics: Mapping[str, Interval | None], why: Mapping[str, str]) -> Verdict:
    """Compare metrics with the bars.

    metrics: versus_centre, localisation, mosaic_energy, randomised_head_spearman, another_image_spearman, noise_spearman,
    noise_minus_another, blank, and evidence_versus_centre where the dataset has masks. One that is missing, None or of fewer
    than 16 images is not scored, and never passes. why: for metrics that could not be computed, by name.
    """
    flat, other = metrics.get("blank"), metrics.get("another_image_spearman")
    energy, beyond = metrics.get("mosaic_energy"), metrics.get("noise_minus_another")

    def criterion(name: str, key: str, what: str, decide: Callable[[Interval], tuple[str, str] | None]) -> Criterion:
        """decide: outcome and line of the metric ``key``; None where another image's maps are missing."""
        found = metrics.get(key)
        missing = messages.not_scored(found, why.get(key), MIN_SCORES)
        decided = None if found is None or missing else decide(found)
        outcome, line = decided or (NOT_SCORED, missing or messages.NO_OTHER_IMAGE)
        return Criterion(name, outcome, f"{what}: {line}")

    def beats_centre(found: Interval) -> tuple[str, str]:
        return above(found, 0), f"{messages.format_interval(found)}; bar: above 0"

    def localised(found: Interval) -> tuple[str, str] | None:
        if energy is None:
            return None
        return at_least(found, MIN_LOCALISATION), messages.localisation(found, energy, MIN_LOCALISATION)

    def learned(found: Interval) -> tuple[str, str] | None:
        if other is None:
            return None
        return at_most(found, MAX_RANDOMISED), messages.randomised(found, other, MAX_RANDOMISED)

    def stable(found: Interval) -> tuple[str, str] | None:
        if beyond is None:
            return None
        outcome = worst([at_least(found, MIN_NOISE), above(beyond, 0)])
        return outcome, messages.noise(found, beyond, MIN_NOISE)

    criteria = [
        Criterion("shows evidence", at_most(flat, MAX_FLAT), messages.flat_maps(flat, MAX_FLAT))
        if flat
        else Criterion("shows evidence", NOT_SCORED, messages.NO_MAPS),
        criterion(
            "better than the middle",
            "versus_centre",
            "insertion minus deletion, minus the same of a centre Gaussian",
            beats_centre,
        ),
        criterion("in the right cells", "localisation", "energy in the right cells of mosaics", localised),
        criterion(
            "depends on what was learned", "randomised_head_spearman", "Spearman with maps after a random head", learned
        ),
        criterion("stable under noise", "noise_spearman", "Spearman with maps of the same images with noise", stable),
    ]
    if "evidence_versus_centre" in metrics:
        what = "energy inside the evidence masks, minus the same of a centre Gaussian"
        criteria.append(criterion("on the evidence", "evidence_versus_centre", what, beats_centre))
    return conclude(criteria)


def conclude(criteria: list[Criterion]) -> Verdict:
    """One failure is enough for distrust. Trust needs every criterion passed, and what is undecided never is."""
    named = {outcome: [c.name for c in criteria if c.outcome == outcome] for outcome in (FAILED, UNDECIDED, NOT_SCORED)}
    parts = [f"{outcome}: {', '.join(names)}" for outcome, names in named.items() if names]
    if named[UNDECIDED] and not named[FAILED]:
        parts.append(messages.MORE_IMAGES)
    trusted = False if named[FAILED] else None if parts else True
    text = messages.VERDICTS[trusted]
    return Verdict(trusted, f"{text} ({'; '.join(parts)})" if parts else text, criteria)
