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
RANDOM_HEAD = "randomised_head_spearman"


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


def _beats_centre(found: Interval, _: Interval) -> tuple[str, str]:
    return above(found, 0), f"{messages.format_interval(found)}; bar: above 0"


def _localised(found: Interval, energy: Interval) -> tuple[str, str]:
    return at_least(found, MIN_LOCALISATION), messages.localisation(found, energy, MIN_LOCALISATION)


def _learned(found: Interval, another: Interval) -> tuple[str, str]:
    return at_most(found, MAX_RANDOMISED), messages.randomised(found, another, MAX_RANDOMISED)


def _stable(found: Interval, beyond: Interval) -> tuple[str, str]:
    outcome = worst([at_least(found, MIN_NOISE), above(beyond, 0)])
    return outcome, messages.noise(found, beyond, MIN_NOISE)


@dataclass(frozen=True)
class Rule:
    """How a criterion is decided: by the metric ``key`` and its bar, with the metric ``other`` beside it.

    what, label: names of the metric in the verdict's line and in the chart. decide: outcome and the rest of the line.
    """

    name: str
    key: str
    other: str
    bar: float
    what: str
    label: str
    decide: Callable[[Interval, Interval], tuple[str, str]]


EVIDENCE = "evidence_versus_centre"
RULES = tuple(
    Rule(name, key, other, bar, *messages.CRITERIA[name], decide)
    for name, key, other, bar, decide in (
        ("better than the middle", "versus_centre", "versus_centre", 0.0, _beats_centre),
        ("in the right cells", "localisation", "mosaic_energy", MIN_LOCALISATION, _localised),
        ("depends on what was learned", RANDOM_HEAD, "another_image_spearman", MAX_RANDOMISED, _learned),
        ("stable under noise", "noise_spearman", "noise_minus_another", MIN_NOISE, _stable),
        ("on the evidence", EVIDENCE, EVIDENCE, 0.0, _beats_centre),
    )
)


def judge(metrics: Mapping[str, Interval | None], why: Mapping[str, str]) -> Verdict:
    """Compare metrics with the bars.

    metrics: blank and those of ``RULES``; evidence_versus_centre only where the dataset has masks. One that is missing, None
    or of fewer than 16 images is not scored, and never passes. why: for metrics that could not be computed, by name.
    """
    flat = metrics.get("blank")
    outcome, line = NOT_SCORED, messages.NO_MAPS
    if flat is not None:
        outcome, line = at_most(flat, MAX_FLAT), messages.flat_maps(flat, MAX_FLAT)
    criteria = [Criterion("shows evidence", outcome, line)]
    for rule in RULES:
        found, other = metrics.get(rule.key), metrics.get(rule.other)
        missing = messages.not_scored(found, why.get(rule.key), MIN_SCORES)
        if found is None or other is None or missing:
            outcome, line = NOT_SCORED, missing or messages.NO_OTHER_IMAGE
        else:
            outcome, line = rule.decide(found, other)
        if rule.key != EVIDENCE or EVIDENCE in metrics:
            criteria.append(Criterion(rule.name, outcome, f"{rule.what}: {line}"))
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
