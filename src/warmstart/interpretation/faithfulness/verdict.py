"""Whether maps may be trusted: criteria with bars, and one verdict. An interval decides, never the value alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from warmstart.interpretation.faithfulness import messages
from warmstart.statistics.intervals import Interval

PASSED, FAILED, UNDECIDED, NOT_SCORED = "passed", "failed", "undecided", "not scored"
MIN_SCORES = 16
# Measured on cats and dogs with a pretrained network, 150 px: 0.6-0.9 for its last feature map, 0.4, 0.2 and 0 for
# blocks further and further from it.
MIN_LOCALISATION = 0.5
# Measured there: 0 ± 0.1 for Grad-CAM, 1 by construction for maps that ignore the weights.
MAX_RANDOMISED = 0.2
# Measured there: 0.7 for the last feature map (0.9 at 224 px), 0.5, 0.3 and 0.1 for blocks further and further from it.
MIN_NOISE = 0.6
MAX_FLAT = 0.2  # share of maps: none of 16 can be shown to be less


@dataclass(frozen=True)
class Criterion:
    """outcome: passed, failed, undecided (the interval lies on both sides of the bar) or not scored. line: why."""

    name: str
    outcome: str
    line: str


@dataclass(frozen=True)
class Verdict:
    """trusted: None where it is not shown. text: the verdict in a sentence. criteria: what it rests on."""

    trusted: bool | None
    text: str
    criteria: list[Criterion]


def at_least(found: Interval, bar: float) -> str:
    """Whether all values of the interval are at or above the bar; ``UNDECIDED`` where some are."""
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


@dataclass(frozen=True)
class Rule:
    """A criterion: the metric ``key`` compared with its bar. other: the metric in the same line; ``other_above_0``:
    which must be above 0 too.
    """

    name: str
    key: str
    other: str
    bar: float
    compare: Callable[[Interval, float], str]
    other_above_0: bool = False


EVIDENCE = "evidence_versus_centre"
HEAD, ANOTHER = "randomised_head_spearman", "another_image_spearman"
RULES = (
    Rule("better than the middle", "versus_centre", "versus_centre", 0.0, above),
    Rule("in the right cells", "localisation", "mosaic_energy", MIN_LOCALISATION, at_least),
    Rule("depends on what was learned", HEAD, ANOTHER, MAX_RANDOMISED, at_most),
    Rule("stable under noise", "noise_spearman", "noise_minus_another", MIN_NOISE, at_least, other_above_0=True),
    Rule("on the evidence", EVIDENCE, EVIDENCE, 0.0, above),
)


def judge(metrics: Mapping[str, Interval | None], why: Mapping[str, str]) -> Verdict:
    """Compare metrics with the bars.

    metrics: blank and those of ``RULES``; evidence_versus_centre only where the dataset has masks. One that is missing,
    None or of fewer than 16 images is not scored, and never passes. why: for metrics that could not be computed, by
    name.
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
            outcome = rule.compare(found, rule.bar)
            if rule.other_above_0:
                outcome = worst([outcome, above(other, 0)])
            line = messages.criterion(rule.name, found, other, rule.bar)
        if rule.key != EVIDENCE or EVIDENCE in metrics:
            criteria.append(Criterion(rule.name, outcome, f"{messages.CRITERIA[rule.name][0]}: {line}"))
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
