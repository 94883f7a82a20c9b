"""The sentences of findings about shortcuts: properties that predict the class without the picture."""

from __future__ import annotations

from collections.abc import Sequence

from warmstart.audit.messages import Message, names, photos
from warmstart.audit.properties import DISPLAY_NAMES, PROPERTIES
from warmstart.audit.property_reports import PropertyReport

FEW_SCENES = (
    "Some class has photos of a few scenes only (near copies, or one group), so this may be about the scenes and not "
    "about the class."
)


def shortcut(reports: Sequence[PropertyReport], classes: Sequence[str], most_frequent: str) -> Message:
    """reports: of properties with one cause, the strongest first. most_frequent: the largest class."""
    first, called = reports[0], DISPLAY_NAMES[reports[0].name]
    right = FEW_SCENES
    if first.accuracy is not None:
        right = (
            f"By {called} alone, {100 * first.accuracy:.0f} % of {photos(first.n)} get the right class; "
            f"always guessing {most_frequent} gets {100 * first.majority:.0f} %."
        )
    rest = [DISPLAY_NAMES[report.name] for report in reports[1:]]
    also = f" {names(rest).capitalize()} {'tells' if len(rest) == 1 else 'tell'} it too." if rest else ""
    return Message(
        f"{called[0].upper()}{called[1:]} alone gives the class away: {comparison(first, classes)}",
        f"{right}{_pairwise(first, classes)}{also} A network may learn this instead of what you mean, be right here, "
        "and fail on photos where it does not hold.",
        "Find out whether the classes were photographed, collected or saved in different ways. If the classes really "
        "differ in this, leave it. If not, even it out, or add photos of each class where it is otherwise.",
    )


def comparison(report: PropertyReport, classes: Sequence[str]) -> str:
    """Which photos differ from which others, and how."""
    if not report.directed:
        return "each class has its own values of it"
    label, high, about = report.best.label, report.best.auroc > 0.5, PROPERTIES[report.name]
    others = f"those of {classes[1 - label]}" if len(classes) == 2 else "the others"
    how = (about.high if high else about.low) or f"are {'more' if high else 'less'} often {report.value}"
    return f"photos of {classes[label]} {how} than {others}"


def _pairwise(report: PropertyReport, classes: Sequence[str]) -> str:
    """How often the property tells a pair of photos apart, with its interval; an AUROC below 0.5 is mirrored."""
    if not report.directed:
        return ""
    low, chance, high = report.low, report.best.auroc, report.high
    if chance <= 0.5:
        low, chance, high = 1 - high, 1 - chance, 1 - low
    return (
        f" Of a photo of {classes[report.best.label]} and another, it tells which is which {100 * chance:.0f} times in "
        f"100 [{100 * low:.0f}, {100 * high:.0f}]."
    )
