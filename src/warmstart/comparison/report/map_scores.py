"""The scores of each recipe's class activation maps, as a table of the comparison page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warmstart.comparison.finished import FinishedRecipe
from warmstart.records.interpretation import InterpretationSummary
from warmstart.records.intervals import CountedInterval

# In interpret/summary.json, and in this order on the page, which has a heading and an explanation for each.
SCORES = (
    "versus_centre",
    "mosaic_energy",
    "randomised_head_spearman",
    "noise_spearman",
    "evidence_versus_centre",
)


@dataclass(frozen=True)
class MapScoresRow:
    """where: the site of the maps in words. verdict: whether they can be trusted. n: images. scores: by column."""

    recipe: str
    where: str
    verdict: str
    n: int
    scores: list[CountedInterval | None]


@dataclass(frozen=True)
class MapScoresTable:
    """columns: the scores that some recipe has, of ``SCORES``."""

    columns: list[str]
    rows: list[MapScoresRow]


def map_scores(finished: Sequence[FinishedRecipe]) -> MapScoresTable | None:
    """The scores of all recipes whose maps were scored, or None. Raises UserError for damaged files."""
    paths = {recipe.name: recipe.folder / "interpret" / "summary.json" for recipe in finished}
    summaries = {name: InterpretationSummary.read(path) for name, path in paths.items() if path.exists()}
    scored = {name: (summary, summary.scores) for name, summary in summaries.items() if summary.scores}
    if not scored:
        return None
    columns = [key for key in SCORES if any(scores.scores.get(key) for _, scores in scored.values())]
    rows = [
        MapScoresRow(name, summary.where or "", scores.verdict, scores.n, [scores.scores.get(key) for key in columns])
        for name, (summary, scores) in scored.items()
    ]
    return MapScoresTable(columns, rows)
