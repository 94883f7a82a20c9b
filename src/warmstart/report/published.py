"""What the lesson and its book report, to stand beside the figures of a run."""

from __future__ import annotations

from dataclasses import dataclass

LESSON = "the lesson's text, validation, last epoch"
BOOK = "F. Chollet, Deep Learning with Python, 1st edition (2017), 5.2, which the lesson follows"


@dataclass(frozen=True)
class Published:
    """A published accuracy, rounded as published, and where it stands."""

    accuracy: float
    source: str
    about: bool = False


# 2,000 training photos of cats and dogs at 150 pixels, with VGG16 where something is transferred.
CATS_AND_DOGS = {
    "scratch": Published(0.72, BOOK, about=True),
    "scratch_augmented": Published(0.82, BOOK, about=True),
    "features": Published(0.90, LESSON, about=True),
    "features_augmented": Published(0.96, LESSON, about=True),
    "fine_tune": Published(0.97, LESSON, about=True),
}
MNIST = {"scratch": Published(0.9899, "the lesson's text")}


def published_for(dataset: str, classes: int) -> dict[str, Published]:
    """The published figures beside a dataset's, by recipe: the digits' for MNIST, the photos' for any two classes."""
    if dataset == "mnist":
        return MNIST
    return CATS_AND_DOGS if classes == 2 else {}
