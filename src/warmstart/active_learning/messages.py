"""What ``suggest`` reports to a person. Templates take text that can be shown (``text.printable.in_one_line``)."""

from __future__ import annotations

from warmstart.records.suggestion import LabellingEvidence, Suggestion
from warmstart.text.quantities import IntervalLike, count, percent_interval, plural, points

OTHER_FEATURES = (
    "the cached features in {folder} are not those that {recipe} was trained on: run `dvc repro evaluate@{recipe}`, or "
    "give the same `warmstart run` again, and then suggest"
)
NONE_LEFT = (
    "no photo is left to label; copies of photos that are labelled already: {labelled:,} of {photos:,}; name a "
    "folder of other photos"
)
FEWER = "{asked} were asked for, and there are {left} to choose from: all of them are listed"
LEFT_OUT = "left out: {what}"
OF_LABELLED = ("copy of a photo that is labelled already", "copies of photos that are labelled already")
OF_OTHERS = ("copy of another one", "copies of others")
SIMULATING = "labelling the training photos again, by this rule and at random (once; the next call knows the result)"

# Why a photo is suggested.
UNSURE = "unsure"
UNLIKE = "unlike the training photos"
VARIETY = "adds variety"

TOO_FEW = (
    "whether this beats labelling at random cannot be simulated: there are {have} for training and {test} for testing, "
    "and it takes {needed} and some to test on"
)
ONE_CLASS = (
    "whether this beats labelling at random cannot be simulated: all training photos that were tried are of one class"
)
BEATS = "labelling by this rule beats labelling at random"
LOSES = "labelling by this rule is worse than labelling at random"
SAME = "labelling by this rule does not beat labelling at random here"
ON_AVERAGE = "{verdict}: {difference} of test accuracy, averaged from {first} to {last} labelled photos"
AT_POINT = (
    "with {labelled} labelled photos a linear probe is right on {rule} of the test photos where the rule chose them, "
    "and on {random} where chance did: {difference}"
)
ENOUGH = "{enough} [{low}, {high}] photos chosen by the rule reach what {last} chosen at random reach"
HOW = (
    "simulated with a linear probe on {photos} training photos, whose labels were hidden until they were chosen, and "
    "tested on {n}; {repetitions} repetitions, each from other photos, the same for both; brackets: {confidence:.0f} % "
    "intervals over repetitions and test photos"
)


def middle(evidence: LabellingEvidence) -> int:
    """The place among the points of the one figure that is reported beside the mean, fixed before there are results:
    the middle of those after the first.
    """
    return len(evidence.points) // 2


def verdict_sentence(evidence: LabellingEvidence) -> str:
    """Whether labelling by the rule beats labelling at random, and by how much."""
    return ON_AVERAGE.format(
        verdict={"better": BEATS, "worse": LOSES, "not_told_apart": SAME}[evidence.verdict],
        difference=_points_interval(evidence.difference),
        first=count(evidence.points[1].labelled),
        last=count(evidence.points[-1].labelled),
    )


def point_sentence(evidence: LabellingEvidence) -> str:
    """The accuracies with the number of labelled photos in the middle."""
    point = evidence.points[middle(evidence)]
    return AT_POINT.format(
        labelled=count(point.labelled),
        rule=percent_interval(point.rule),
        random=percent_interval(point.random),
        difference=_points_interval(point.difference),
    )


def _points_interval(difference: IntervalLike) -> str:
    value, low, high = (points(number) for number in (difference.value, difference.low, difference.high))
    return f"{value} points [{low}, {high}]"


def enough_sentence(evidence: LabellingEvidence) -> str:
    """How many photos by the rule are worth the last point at random; empty where that does not follow."""
    enough = evidence.enough
    if enough is None:
        return ""
    figures = {"enough": enough.value, "low": enough.low, "high": enough.high, "last": evidence.points[-1].labelled}
    return ENOUGH.format(**{key: count(value) for key, value in figures.items()})


def how_sentence(evidence: LabellingEvidence) -> str:
    """How the figures were measured."""
    return HOW.format(
        photos=count(evidence.photos),
        n=plural(evidence.test_photos, "photo"),
        repetitions=evidence.repetitions,
        confidence=100 * evidence.confidence,
    )


def left_out_sentence(found: Suggestion) -> str:
    """How many photos are copies; empty where none are."""
    kinds = ((found.labelled_already, OF_LABELLED), (found.repeated, OF_OTHERS))
    parts = [plural(number, *forms) for number, forms in kinds if number]
    return LEFT_OUT.format(what=", ".join(parts)) if parts else ""
