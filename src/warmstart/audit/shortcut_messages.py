"""The sentences of findings about shortcuts: properties that predict the class without the picture."""

from __future__ import annotations

from collections.abc import Sequence

from warmstart.audit.messages import Message, names, photos
from warmstart.audit.property_reports import PropertyReport

DISPLAY_NAMES = {
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
# What photos are whose value is low, and high.
COMPARATIVES = {
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
    "near_copies": ("less often have a near copy", "more often have a near copy"),
}
FEW_SCENES = (
    "Some class has photos of a few scenes only (near copies, or one group), so this may be about the scenes and not "
    "about the class."
)


def shortcut(reports: Sequence[PropertyReport], classes: Sequence[str], most_frequent: str) -> Message:
    """reports: of properties with one cause, the strongest first. most_frequent: the largest class."""
    first, called = reports[0], display_name(reports[0])
    right = FEW_SCENES
    if first.accuracy is not None:
        right = (
            f"By {called} alone, {100 * first.accuracy:.0f} % of {photos(first.n)} get the right class; "
            f"always guessing {most_frequent} gets {100 * first.majority:.0f} %."
        )
    rest = [display_name(report) for report in reports[1:]]
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
    label, high = report.best.label, report.best.auroc > 0.5
    others = f"those of {classes[1 - label]}" if len(classes) == 2 else "the others"
    by_value = (f"are less often {report.value}", f"are more often {report.value}")
    return f"photos of {classes[label]} {COMPARATIVES.get(report.name, by_value)[high]} than {others}"


def display_name(report: PropertyReport) -> str:
    """The property in words."""
    return DISPLAY_NAMES.get(report.name, report.name)


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
