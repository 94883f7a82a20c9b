"""suggest/suggest.json and suggest.csv: the photos to label next, and what labelling by that rule is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from warmstart.records.base import Record
from warmstart.records.intervals import Interval
from warmstart.records.table import PathCell, Row, TextCell, decimals

Verdict = Literal["better", "worse", "not_told_apart"]


@dataclass(frozen=True)
class LabellingPoint:
    """Test accuracy with so many labelled photos, chosen at random and by the rule, and the paired difference (rule
    minus random), in [-1, 1]. n of the intervals: the test photos.
    """

    labelled: int
    random: Interval
    rule: Interval
    difference: Interval


@dataclass(frozen=True)
class LabellingEvidence:
    """What labelling by the rule was worth in a simulation on labelled photos.

    photos: that could be chosen. repetitions: with other photos at the start. penalty: of the linear probe. difference:
    the mean over the points after the first, in equal ratios of labelled photos: the area between the curves. verdict:
    whether its interval excludes 0. enough: how many photos by the rule reach what the last point reaches at random;
    None where the rule is not better. made_of: digest of all that decides these figures.
    """

    photos: int
    test_photos: int
    repetitions: int
    penalty: float
    confidence: float
    points: list[LabellingPoint]
    difference: Interval
    verdict: Verdict
    enough: Interval | None
    made_of: str


@dataclass(frozen=True)
class Suggestion(Record):
    """suggest.json. sources: the files and folders that were named. count: photos that were asked for. found: photos in
    them. unreadable, labelled_already, repeated: of these, how many could not be read, are copies of labelled photos,
    and are copies of others found. suggested: how many are in suggest.csv. evidence: None, for the reason in
    ``no_evidence``, where too few photos are labelled.
    """

    FILE: ClassVar[str] = "suggest.json"

    dataset: str
    recipe: str
    sources: list[str]
    count: int
    found: int
    unreadable: int
    labelled_already: int
    repeated: int
    suggested: int
    evidence: LabellingEvidence | None
    no_evidence: str


@dataclass(frozen=True)
class SuggestedPhoto(Row):
    """A photo to label, the first first. probability: of the predicted class. why: in a few words. nearest: the
    training photo that is most like it, by the manifest's path. distance: to that, 1 - cosine of the features, in
    [0, 2].
    """

    WHAT: ClassVar[str] = "a table of photos to label"

    rank: int
    path: PathCell
    predicted: TextCell
    probability: Annotated[float, decimals(6)]
    why: str
    nearest: PathCell
    distance: Annotated[float, decimals(4)]
