"""May these maps be trusted? Each criterion with its bar, and one plain answer. A bar decides by the interval, never by the figure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from warmstart.evaluation.intervals import Interval
from warmstart.interpretation.faithfulness.bars import FAILED, NOT_SCORED, UNDECIDED, above, at_least, at_most, every
from warmstart.interpretation.faithfulness.figures import Figures, signed, text

TRUSTED, DISTRUSTED, OPEN = (
    "these maps may be trusted",
    "these maps are not to be trusted",
    "whether these maps may be trusted is not shown",
)
# Fewer scores than this tell nothing either way.
LEAST = 16
# Measured on cats and dogs with a pretrained network, 150 px: 0.6-0.9 for its last feature map, 0.4, 0.2 and 0 for blocks
# further and further from it.
LOCALISATION = 0.5
# Measured there: 0 ± 0.1 for Grad-CAM, 1 by construction for maps that ignore the weights.
RANDOMISED = 0.2
# Measured there: 0.7 for the last feature map (0.9 at 224 px), 0.5, 0.3 and 0.1 for blocks further and further from it.
NOISE = 0.6
# Share of maps that may be flat: none of 16 can be shown to be less.
BLANK = 0.2


@dataclass(frozen=True)
class Criterion:
    """outcome: passed, failed, undecided (the interval lies on both sides of the bar) or not scored. line: the outcome in a sentence,
    with the figure and the bar it is held to.
    """

    name: str
    outcome: str
    line: str


@dataclass(frozen=True)
class Verdict:
    """trusted: None where it is not shown. text: the answer in a sentence. criteria: what it rests on."""

    trusted: bool | None
    text: str
    criteria: list[Criterion]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def judge(figures: Figures, why: dict[str, str]) -> Verdict:
    """Hold figures to the bars.

    figures: versus_centre, localisation, randomised_head_spearman, another_image_spearman, noise_spearman, noise_minus_another,
    blank, and evidence_versus_centre where the dataset has masks; one that is missing, None or of fewer than 16 images is not
    scored, and never passes. why: for figures that could not be computed, by name.
    """
    criteria = [
        _evidence(figures),
        _above(
            "better than the middle",
            "versus_centre",
            "insertion minus deletion, minus the same of a centre Gaussian",
            figures,
            why,
        ),
        _localisation(figures, why),
        _randomised(figures, why),
        _noise(figures, why),
    ]
    if "evidence_versus_centre" in figures:
        said = "energy inside the evidence masks, minus the same of a centre Gaussian"
        criteria.append(_above("on the evidence", "evidence_versus_centre", said, figures, why))
    return conclude(criteria)


def conclude(criteria: list[Criterion]) -> Verdict:
    """One failure is enough for distrust; trust needs every criterion passed, and what is undecided never is."""
    named = {outcome: [c.name for c in criteria if c.outcome == outcome] for outcome in (FAILED, UNDECIDED, NOT_SCORED)}
    parts = [f"{outcome}: {', '.join(names)}" for outcome, names in named.items() if names]
    parts += ["more images may tell (interpret.scored)"] * (bool(named[UNDECIDED]) and not named[FAILED])
    trusted = False if named[FAILED] else None if parts else True
    answer = {True: TRUSTED, False: DISTRUSTED, None: OPEN}[trusted]
    return Verdict(trusted, f"{answer} ({'; '.join(parts)})" if parts else answer, criteria)


def _evidence(figures: Figures) -> Criterion:
    name, blank = "shows evidence", figures.get("blank")
    if blank is None:
        return Criterion(name, NOT_SCORED, "not scored: there are no maps")
    share, low, high = (f"{100 * value:.0f}" for value in (blank.value, blank.low, blank.high))
    line = f"{share} % [{low}, {high}] of {blank.n} maps are flat; bar: at most {100 * BLANK:.0f} %"
    return Criterion(name, at_most(blank, BLANK), line)


def _above(name: str, key: str, said: str, figures: Figures, why: dict[str, str]) -> Criterion:
    found = figures.get(key)
    missing = _missing(found, why.get(key))
    if found is None or missing:
        return Criterion(name, NOT_SCORED, f"{said}: {missing}")
    return Criterion(name, above(found, 0), f"{said}: {text(found)}; bar: above 0")


def _localisation(figures: Figures, why: dict[str, str]) -> Criterion:
    name, found, energy = "in the right cells", figures.get("localisation"), figures.get("mosaic_energy")
    missing = _missing(found, why.get("localisation"))
    if found is None or energy is None or missing:
        return Criterion(name, NOT_SCORED, f"energy in the right cells of mosaics: {missing}")
    line = (
        f"energy in the right cells of mosaics: {text(energy)}, which is {signed(found.value)} of the way from chance to what maps so coarse "
        f"can reach [{signed(found.low)}, {signed(found.high)}]; bar: at least {LOCALISATION:.2f}"
    )
    return Criterion(name, at_least(found, LOCALISATION), line)


def _randomised(figures: Figures, why: dict[str, str]) -> Criterion:
    name, said = "depends on what was learned", "Spearman with maps after a random head"
    found, another = figures.get("randomised_head_spearman"), figures.get("another_image_spearman")
    missing = _missing(found, why.get("randomised_head_spearman"))
    if found is None or another is None or missing:
        return Criterion(name, NOT_SCORED, f"{said}: {missing or 'not scored: no other image'}")
    line = (
        f"{said}: {text(found)}, where another image's map has {signed(another.value)}; bar: at most {RANDOMISED:.2f}"
    )
    return Criterion(name, at_most(found, RANDOMISED), line)


def _noise(figures: Figures, why: dict[str, str]) -> Criterion:
    name, said = "stable under noise", "Spearman with maps of the same images with noise"
    found, beyond = figures.get("noise_spearman"), figures.get("noise_minus_another")
    missing = _missing(found, why.get("noise_spearman"))
    if found is None or beyond is None or missing:
        return Criterion(name, NOT_SCORED, f"{said}: {missing or 'not scored: no other image'}")
    line = (
        f"{said}: {text(found)}; bar: at least {NOISE:.2f}, and more than another image's map by {signed(beyond.value)}"
    )
    outcome = every([at_least(found, NOISE), above(beyond, 0)])
    return Criterion(name, outcome, f"{line} [{signed(beyond.low)}, {signed(beyond.high)}]")


def _missing(found: Interval | None, why: str | None) -> str:
    if found is None:
        return f"not scored: {why or 'nothing to compute it from'}"
    return f"not scored: {found.n} scores, of {LEAST} at least" if found.n < LEAST else ""
