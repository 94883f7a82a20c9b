"""Titles and notes of the pictures about where a network looks."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.statistics.intervals import Interval

NO_MAP = "The network has no convolution, so it has no map of where it looks."
NO_STATISTICS = "interpret.maps is 0"
NO_EVIDENCE = "no evidence"
SCALES = (
    "Evidence: each map on its own scale, its share of for and against in the corner. "
    "Red and blue: one scale for the page."
)
CAM_LAYER = "maps of {}×{} cells from layer {name}"
ENLARGED = ", images enlarged from {size} to {side} px (which leaves the answer as it is for {share})"
COARSE = "; coarse, because {why}"
ONE_SIZE = "the network takes images of one size only"
TOO_FEW_CHECKED = "{n} images are too few to show that the network says the same of enlarged ones"
OTHER_PREDICTIONS = "enlarged to {side} px the network says the same class of {share} images only"
PANELS = {
    "prediction": "for the prediction",
    "true": "for the true class",
    "against": "against the prediction",
    "signed": "red for, blue against",
}
IMAGENET = (
    "Its own classifier's five most probable of ImageNet's 1000 classes, and the evidence for the first two: Grad-CAM "
    "of the log-odds of that class, each map on its own scale, its share of for and against in the corner; "
    "layer {layer}."
)
# The checkpoint holds the backbone, not the classifier that it came with.
NOT_AT_HAND = (
    "the classifier that {backbone} came with is not in the recipe's checkpoint, "
    "and its published weights are not on this machine"
)


@dataclass(frozen=True)
class Gallery:
    """Title and note of a gallery, and which maps stand beside each photo (keys of ``PANELS``)."""

    title: str
    note: str
    panels: tuple[str, ...]


def galleries(recipe: str, n: int, wrong: int, sample: int, seed: int, how: str) -> dict[str, Gallery]:
    """The four galleries by the name of their file.

    n, wrong: test images, and how many of them are wrong. sample: images among which conflict was sought. how: how the
    maps were made, or why there are none.
    """
    note = how if how == NO_MAP else f"{how} {SCALES}"
    all_right, all_wrong = (f"All {n} test images are {which}." for which in ("right", "wrong"))
    of_wrong, errors = f"{wrong} of {n} test images are wrong.", ("prediction", "true", "signed")
    right = (
        f"{n - wrong} of {n} test images are right. "
        f"First some of the most confident quarter, then others (seed {seed})."
    )
    at_random = f"{of_wrong} Drawn at random, one of each class after the other (seed {seed})."
    conflict = (
        f"Of {sample} test images, those whose maps speak most for both sides: "
        "conflict = the smaller of for and against, over both; 0.5 at most."
    )
    confident = f"{of_wrong} The most confident come first."
    both_sides = ("prediction", "against", "signed")
    # For each: title and note, the same where there is no image to show, and the panels.
    texts = {
        "right": ("right", right, "nothing right", all_wrong, ("prediction", "signed")),
        "wrong": ("wrong", at_random, "nothing wrong", all_right, errors),
        "confident_wrong": ("most confident and wrong", confident, "nothing wrong", all_right, errors),
        "conflict": ("evidence for both sides", conflict, "no maps to compare", f"{NO_STATISTICS}.", both_sides),
    }
    counts = {"right": n - wrong, "wrong": wrong, "confident_wrong": wrong, "conflict": sample}
    return {
        key: Gallery(f"{recipe}: {title}", f"{text} {note}", panels)
        if counts[key]
        else Gallery(f"{recipe}: {none}", why, panels)
        for key, (title, text, none, why, panels) in texts.items()
    }


def share(same: Interval) -> str:
    """A share of images."""
    return f"{100 * same.value:.0f} % of {same.n}"


def mean_maps(scale: float, apart_scale: float, cells: int, not_shown: int, blank: bool) -> str:
    """The note of mean.png. scale, apart_scale: mass in one cell at full colour, of the mean and of the difference."""
    return (
        ("No evidence: every map is zero. " if blank else "")
        + "Maps for the true class, each divided by its mass so that every image counts alike. "
        + f"Full colour: {100 * scale:.2g} % of the mass in one of {cells} cells; "
        + f"in the last column {100 * apart_scale:.2g} %."
        + (f" {not_shown} more classes are not shown." if not_shown > 0 else "")
    )
