"""What the lesson and its book report, to stand beside the figures of a run."""

from __future__ import annotations

from dataclasses import dataclass

LESSON = "the lesson's text, last epoch"
BOOK = "F. Chollet, Deep Learning with Python, 1st edition (2017)"


@dataclass(frozen=True)
class Published:
    """A published accuracy, rounded as published, where it stands, and on which images it was measured: ``val`` or ``test``."""

    accuracy: float
    source: str
    split: str
    about: bool = False


# 2,000 training photos of cats and dogs at 150 pixels, with VGG16 where something is transferred.
CATS_AND_DOGS = {
    "scratch": Published(0.72, f"{BOOK}, 5.2, which the lesson follows", "val", about=True),
    "scratch_augmented": Published(0.82, f"{BOOK}, 5.2, which the lesson follows", "val", about=True),
    "features": Published(0.90, LESSON, "val", about=True),
    "features_augmented": Published(0.96, LESSON, "val", about=True),
    "fine_tune": Published(0.97, LESSON, "val", about=True),
}
# 60,000 training images, so a tenth more than with a validation part taken out.
MNIST = {
    "convnet": Published(0.9899, LESSON, "test"),
    "dense": Published(0.978, f"the lesson's text; the network is that of {BOOK}, 2.1", "test"),
}


def published_for(dataset: str, classes: int) -> dict[str, Published]:
    """The published figures beside a dataset's, by recipe: only beside the data that the lesson is about, or stands for it here."""
    if dataset == "mnist":
        return MNIST
    return CATS_AND_DOGS if classes == 2 and dataset in ("cats_vs_dogs", "critters") else {}
