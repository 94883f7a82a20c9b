"""The accuracies that the lesson and its book report, to stand beside those of a run."""

from __future__ import annotations

from dataclasses import dataclass

LESSON = "the lesson's text, last epoch"
BOOK = "F. Chollet, Deep Learning with Python, 1st edition (2017)"


@dataclass(frozen=True)
class PublishedAccuracy:
    """accuracy: rounded as published. split: ``val`` or ``test``. about: whether the source gives it roughly."""

    accuracy: float
    source: str
    split: str
    about: bool = False


# 2,000 training photos of cats and dogs at 150 pixels, with VGG16 where something is transferred.
CATS_AND_DOGS = {
    "scratch": PublishedAccuracy(0.72, f"{BOOK}, 5.2, which the lesson follows", "val", about=True),
    "scratch_augmented": PublishedAccuracy(0.82, f"{BOOK}, 5.2, which the lesson follows", "val", about=True),
    "features": PublishedAccuracy(0.90, LESSON, "val", about=True),
    "features_augmented": PublishedAccuracy(0.96, LESSON, "val", about=True),
    "fine_tune": PublishedAccuracy(0.97, LESSON, "val", about=True),
}
# 60,000 training images, so a tenth more than with a validation part taken out.
MNIST = {
    "convnet": PublishedAccuracy(0.9899, LESSON, "test"),
    "dense": PublishedAccuracy(0.978, f"the lesson's text; the network is that of {BOOK}, 2.1", "test"),
}


def published_for(dataset: str, classes: int) -> dict[str, PublishedAccuracy]:
    """By recipe; only for the lesson's own datasets, and for critters, which stand for one. classes: their number."""
    if dataset == "mnist":
        return MNIST
    return CATS_AND_DOGS if classes == 2 and dataset in ("cats_vs_dogs", "critters") else {}
