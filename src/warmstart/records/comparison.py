"""report/table.json and report/corrections.csv: the comparison of a dataset's recipes, and labels to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from warmstart.records.base import ABSENT, Record
from warmstart.records.comparison_row import ComparisonRow
from warmstart.records.images import SplitCounts
from warmstart.records.intervals import PairedComparison
from warmstart.records.metrics import ComparedMetric
from warmstart.records.pairwise import PairwiseRecord
from warmstart.records.robustness import RobustnessRecord
from warmstart.records.seed_metrics import SeedMetrics
from warmstart.records.table import PathCell, Row, TextCell, decimals

ThreeDigits = Annotated[float, decimals(3)]


@dataclass(frozen=True)
class EffectRecord:
    """What one thing is worth: by how much the recipe ``more``, which has it, is better than ``less``, which lacks it.
    p: of the test, corrected for the number of effects. clear: whether that and the interval say that there is a
    difference.
    """

    name: str
    more: str
    less: str
    paired: PairedComparison
    p: float
    clear: bool
    sentence: str


@dataclass(frozen=True)
class VerdictRecord:
    """named: the recipes that the answer is about. scratch, transfer: the best of each family, or None. paired: of the
    first two named, or None; planned beforehand, so not corrected. recommended: the recipe to use. advice: why, in
    a sentence. effects: what pretraining, the architecture and training more layers are worth. not_measured: sentences
    about those that lack a recipe.
    """

    question: str
    answer: str
    reasons: list[str]
    named: list[str]
    scratch: str | None
    transfer: str | None
    paired: PairedComparison | None
    recommended: str
    advice: str
    effects: list[EffectRecord] = field(default_factory=list)
    not_measured: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SuspectCounts:
    """Labels that may be wrong: how many of the images looked at, and the paths of the first ones."""

    n: int
    looked_at: int
    first: list[str]


@dataclass(frozen=True)
class ComparisonTable(Record):
    """confidence: of every interval. chosen_by: what the best recipe is chosen by, in words. select_by: the metric by
    which recipes are chosen and compared, None for accuracy. folds: None without folds.
    tested_on: the images that accuracies are of, in words; None where they are the test images, and of one network.
    over_seeds: by recipe, of several seeds, else None; rows and pairs are then of the means over seeds. reference: the
    recipe that the rows are set against. rows: the majority class first. pairwise: all pairs of recipes. front_by_time:
    the recipes that no other beats in both accuracy and training time, the fastest first. metrics: of all recipes, in
    the order of the registry. left_out: recipe → why. robustness: None where no recipe was tested under corruptions.
    """

    FORMAT: ClassVar[int] = 3

    dataset: str
    digest: str
    classes: list[str]
    counts: SplitCounts
    confidence: float
    chosen_by: str
    select_by: Annotated[str | None, ABSENT] = None
    folds: Annotated[int | None, ABSENT] = None
    tested_on: Annotated[str | None, ABSENT] = None
    over_seeds: Annotated[dict[str, SeedMetrics] | None, ABSENT] = None
    verdict: VerdictRecord = field(kw_only=True)
    reference: str = field(kw_only=True)
    rows: list[ComparisonRow] = field(kw_only=True)
    pairwise: PairwiseRecord = field(kw_only=True)
    front_by_time: list[str] = field(kw_only=True)
    metrics: list[ComparedMetric] = field(kw_only=True)
    left_out: dict[str, str] = field(kw_only=True)
    suspects: SuspectCounts = field(kw_only=True)
    robustness: Annotated[RobustnessRecord | None, ABSENT] = field(default=None, kw_only=True)

    @property
    def seeds(self) -> int:
        """With how many seeds each recipe was trained."""
        return max((len(one.seeds) for one in (self.over_seeds or {}).values()), default=1)

    def row(self, recipe: str) -> ComparisonRow | None:
        """The row of a recipe, or None where it has not finished."""
        return next((row for row in self.rows if row.recipe == recipe), None)


@dataclass(frozen=True)
class SuspectRow(Row):
    """An image whose label is probably wrong, for a person to decide. given, suggested: class names. confidence: the
    suggested class's probability. given_share, given_recall: of the given class, in [0, 1]. seen_by: which model
    suggests it. new_label: empty, for the person. What comes back is read by `corrections`, which takes any table with
    a path and a new label.
    """

    WHAT: ClassVar[str] = "a table of labels"

    path: PathCell
    given: TextCell
    suggested: TextCell
    confidence: ThreeDigits
    given_share: ThreeDigits
    given_recall: ThreeDigits
    seen_by: TextCell
    new_label: TextCell = ""
