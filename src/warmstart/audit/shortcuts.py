"""Spurious correlations: a property of the file or of the light that gives the class away without the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from warmstart.audit.copies import near_pairs
from warmstart.audit.distributions import properties
from warmstart.audit.findings import Finding, Item, names, photos
from warmstart.audit.scan import Scan
from warmstart.audit.separation import LEAST, PARTS, cross_validated
from warmstart.statistics.proportions import proportion_test
from warmstart.statistics.ranks import ClassAuroc, delong_interval, one_vs_rest_aurocs

ALPHA = 0.01  # that any one of all tests cries wolf, by Bonferroni
# From which effect on, |AUROC - 0.5|, for two classes; with thousands of photos the least difference is beyond chance.
LOOK, STOP = 0.15, 0.30
# Of many classes, one is always somewhat darker than the rest: there it takes more.
LOOK_ONE_OF_MANY, STOP_ONE_OF_MANY = 0.30, 0.45
# Or from which share of the way from guessing to certainty on: what two classes with those effects have, whatever order the values
# are in; all photos of one class may be 500 pixels wide, those of the other 400 or 600.
LOOK_GAIN, STOP_GAIN = 0.20, 0.45
# Properties that have one cause as a rule are one finding, by the strongest of them.
STORIES = (
    ("brightness", "red", "green", "blue", "saturation", "contrast", "sharpness"),
    ("width", "height", "aspect", "bytes", "bytes_per_pixel", "format", "mode"),
    ("near_copies",),
)
# What a photo of the class is, where its value is low and where it is high.
MORE = {
    "width": ("are narrower", "are wider"),
    "height": ("are less tall", "are taller"),
    "aspect": ("are more upright", "are wider for their height"),
    "bytes": ("have smaller files", "have larger files"),
    "bytes_per_pixel": ("are more strongly compressed", "are less strongly compressed"),
    "brightness": ("are darker", "are brighter"),
    "contrast": ("have less contrast", "have more contrast"),
    "saturation": ("are paler", "are more colourful"),
    "sharpness": ("are more blurred", "are sharper"),
    "red": ("are less red", "are redder"),
    "green": ("are less green", "are greener"),
    "blue": ("are less blue", "are bluer"),
}
CALLED = {
    "aspect": "the ratio of width to height",
    "bytes": "the size of the file",
    "bytes_per_pixel": "the number of bytes per pixel",
    "red": "the mean of red",
    "green": "the mean of green",
    "blue": "the mean of blue",
    "format": "the file format",
    "mode": "how colours are stored",
    "near_copies": "having a near copy",
}


@dataclass(frozen=True)
class Told:
    """What one property tells. value: the format or mode that it is about, where it is about one. accuracy: by it alone,
    cross-validated; None where some class has fewer units than there are parts, since a rule learned from other units then says
    nothing. majority: by always guessing the most frequent class; n: photos. low, high: the interval of best.auroc.
    ordered, sorted_out: that the AUROC, and that the accuracy, are beyond chance.
    """

    name: str
    value: str
    best: ClassAuroc
    low: float
    high: float
    accuracy: float | None
    majority: float
    n: int
    ordered: bool
    sorted_out: bool

    @property
    def gain(self) -> float:
        """How much of the way from guessing to certainty it goes, at most 1."""
        if self.accuracy is None or self.majority >= 1:
            return 0.0
        return (self.accuracy - self.majority) / (1 - self.majority)


def shortcuts(scan: Scan) -> list[Finding]:
    """The properties that alone tell the classes apart, beyond chance and by enough to matter."""
    told = measure(scan)
    found = []
    for story in STORIES:
        own = [t for t in told if t.name in story and severity(t, len(scan.classes)) != "fine"]
        own.sort(key=lambda t: (-t.best.effect if t.ordered else 0.0, -t.gain))
        if own:
            found.append(_finding(scan, own))
    return found


def measure(scan: Scan) -> list[Told]:
    """What each property tells, on the photos that are not left out. Of format and mode, the kind that tells most."""
    classes = len(scan.classes)
    tests: list[tuple[str, str, np.ndarray, np.ndarray, list[ClassAuroc]]] = []
    for name, value, rows, numbers in _candidates(scan):
        if numbers.min() < numbers.max():
            tests.append(
                (name, value, rows, numbers, one_vs_rest_aurocs(numbers, scan.labels[rows], classes, min_count=LEAST))
            )
    number = len(tests) + sum(len(found) for *_, found in tests)  # accuracies and areas
    told: dict[str, Told] = {}
    for name, value, rows, numbers, found in tests:
        if not found:
            continue
        best = max(found, key=lambda s: (s.p * number < ALPHA, s.effect))
        if name in told and (told[name].ordered, told[name].best.effect) >= (best.p * number < ALPHA, best.effect):
            continue
        labels = scan.labels[rows]
        lone = _fewest_units(scan, rows) < PARTS
        accuracy = (
            None if lone else cross_validated(numbers, labels, scan.units[rows], classes, categories=name not in MORE)
        )
        majority = float(np.bincount(labels).max() / len(labels))
        ends = delong_interval(numbers, labels == best.label)
        sorted_out = accuracy is not None and proportion_test(accuracy, majority, len(rows)) * number < ALPHA
        told[name] = Told(name, value, best, *ends, accuracy, majority, len(rows), best.p * number < ALPHA, sorted_out)
    return list(told.values())


def severity(told: Told, classes: int) -> str:
    """How much a property that tells so much matters."""
    look, stop = _floors(classes)
    effect, gain = told.best.effect if told.ordered else 0.0, told.gain if told.sorted_out else 0.0
    if effect >= stop or gain >= STOP_GAIN:
        return "stop"
    return "look" if effect >= look or gain >= LOOK_GAIN else "fine"


def table(scan: Scan) -> list[dict[str, Any]]:
    """What each property tells, as plain data, the most telling first."""
    rows = sorted(measure(scan), key=lambda t: -t.best.effect)
    return [
        {
            "property": t.name,
            "value": t.value,
            "class": scan.classes[t.best.label],
            "auroc": round(t.best.auroc, 4),
            "low": round(t.low, 4),
            "high": round(t.high, 4),
            "accuracy": _rounded(t.accuracy),
            "majority": round(t.majority, 4),
            "n": t.n,
            "beyond_chance": t.ordered or t.sorted_out,
            "severity": severity(t, len(scan.classes)),
        }
        for t in rows
    ]


def _candidates(scan: Scan) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Property, kind, rows of the photos (int64 (M,)) and their values (float (M,))."""
    for name, values in properties(scan).items():
        rows = np.flatnonzero(np.isfinite(values))
        yield name, "", rows, values[rows]
    rows = np.flatnonzero(scan.usable & scan.measured)
    if not len(rows):
        return
    for name, words in scan.words.items():
        kinds, counts = np.unique(words[rows], return_counts=True)
        # Of two kinds, one says all.
        for kind in kinds[counts >= LEAST][: None if len(kinds) > 2 else 1]:
            yield name, str(kind), rows, (words[rows] == kind).astype(np.float64)
    twins = {path for pair in near_pairs(scan) for path in (pair["a"], pair["b"])}
    yield "near_copies", "", rows, np.array([scan.paths[row] in twins for row in rows], dtype=np.float64)


def _finding(scan: Scan, own: list[Told]) -> Finding:
    first = own[0]
    classes = len(scan.classes)
    called = CALLED.get(first.name, first.name)
    rest = [CALLED.get(t.name, t.name) for t in own[1:]]
    also = f" {names(rest).capitalize()} {'tells' if len(rest) == 1 else 'tell'} it too." if rest else ""
    most = scan.classes[int(np.bincount(scan.labels[scan.usable]).argmax())]
    right = "Some class has photos of a few scenes only (near copies, or one group), so this may be about the scenes and not about the class."
    if first.accuracy is not None:
        right = (
            f"By {called} alone, {100 * first.accuracy:.0f} % of {photos(first.n)} get the right class; "
            f"always guessing {most} gets {100 * first.majority:.0f} %."
        )
    return Finding(
        f"shortcut/{first.name}",
        severity(first, classes),
        f"{called[0].upper()}{called[1:]} alone gives the class away: {_sentence(scan, first)}",
        first.n,
        first.n,
        f"{right}{_likelier(scan, first)}{also} A network may learn this instead of what you mean, be right here, and fail on photos where it does not hold.",
        "Find out whether the classes were photographed, collected or saved in different ways. If the classes really differ in this, "
        "leave it. If not, even it out, or add photos of each class where it is otherwise.",
        [
            Item(
                (),
                f"{CALLED.get(t.name, t.name)}: {_sentence(scan, t)} (AUROC {max(t.best.auroc, 1 - t.best.auroc):.2f})",
            )
            for t in own
        ],
        {"property": first.name, "auroc": round(first.best.auroc, 4), "accuracy": _rounded(first.accuracy)},
    )


def _sentence(scan: Scan, told: Told) -> str:
    """Which photos, than which others, are how."""
    label, high = told.best.label, told.best.auroc > 0.5
    others = f"those of {scan.classes[1 - label]}" if len(scan.classes) == 2 else "the others"
    if not _directed(told, len(scan.classes)):
        return "each class has its own values of it"
    often = f"{'more' if high else 'less'} often"
    how = MORE[told.name][high] if told.name in MORE else f"are {often} {told.value}"
    if told.name == "near_copies":
        how = f"{often} have a near copy"
    return f"photos of {scan.classes[label]} {how} than {others}"


def _fewest_units(scan: Scan, rows: np.ndarray) -> int:
    """How many units the class with the fewest has among these photos."""
    return min(len(np.unique(scan.units[rows[scan.labels[rows] == label]])) for label in np.unique(scan.labels[rows]))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _floors(classes: int) -> tuple[float, float]:
    return (LOOK, STOP) if classes == 2 else (LOOK_ONE_OF_MANY, STOP_ONE_OF_MANY)


def _directed(told: Told, classes: int) -> bool:
    """Whether one class has more of it, so that a sentence can say which."""
    return told.ordered and told.best.effect >= _floors(classes)[0]


def _likelier(scan: Scan, told: Told) -> str:
    """How often the property tells a pair apart, with its interval; below a half, the other way round."""
    if not _directed(told, len(scan.classes)):
        return ""
    ends = (
        (told.low, told.best.auroc, told.high)
        if told.best.auroc > 0.5
        else (1 - told.high, 1 - told.best.auroc, 1 - told.low)
    )
    low, chance, high = (100 * end for end in ends)
    pair = f"a photo of {scan.classes[told.best.label]} and another"
    return f" Of {pair}, it tells which is which {chance:.0f} times in 100 [{low:.0f}, {high:.0f}]."
