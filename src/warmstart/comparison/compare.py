"""The stage `compare`: the finished recipes of a dataset side by side, as a table, figures and one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warmstart.comparison.advice import Advice, advise
from warmstart.comparison.finished import Finished, find_finished
from warmstart.comparison.table import majority_row, recipe_row
from warmstart.comparison.verdict import Verdict, best, judge, leader
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.evaluation.read import same_images
from warmstart.statistics.intervals import CONFIDENCE
from warmstart.statistics.paired_tests import PairedComparison, compare_paired


@dataclass(frozen=True)
class Comparison:
    """What is known of a dataset's recipes. rows: of the table, the majority class first. reference: the recipe that
    every other is paired with. left_out: recipe to reason. confidence: of every interval.
    """

    store: ImageStore
    finished: list[Finished]
    rows: list[dict[str, Any]]
    reference: str
    pairs: dict[str, PairedComparison]
    verdict: Verdict
    advice: Advice
    left_out: dict[str, str]
    confidence: float

    @property
    def tested_on(self) -> str:
        """What all accuracies are of, in words."""
        return self.finished[0].tested_on

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as written to table.json."""
        store, meta = self.store, self.store.meta
        return {
            **{key: meta[key] for key in ("dataset", "digest", "classes", "counts")},
            "confidence": self.confidence,
            "chosen_by": "validation accuracy at the kept epoch"
            + (f", mean of {store.folds} folds" if store.folds > 1 else ""),
            **({"folds": store.folds, "tested_on": self.tested_on} if store.folds > 1 else {}),
            "verdict": {**self.verdict.to_dict(), "recommended": self.advice.recipe, "advice": self.advice.sentence},
            "reference": self.reference,
            "rows": self.rows,
            "pairs": {name: pair.to_dict() for name, pair in self.pairs.items()},
            "left_out": self.left_out,
        }


def compare(
    root: Path,
    recipes: Sequence[str],
    out_dir: Path,
    options: Mapping[str, Any],
    titles: Mapping[str, str] | None = None,
) -> None:
    """Compare the recipes that have finished under ``root/recipes`` and write the report into ``out_dir``.

    options: ``confidence`` (0.95). titles: what recipes are called now; others keep the title that they had when they were trained.
    Raises UserError when no recipe has finished, or when two were tested on different images.
    """
    from warmstart.comparison.report.write_report import write_report
    from warmstart.comparison.suspects import find_suspects

    comparison = gather(root, recipes, float(options.get("confidence", CONFIDENCE)), titles)
    chosen = best(comparison.finished)
    assert chosen is not None  # gather refuses an empty comparison
    suspects = find_suspects(comparison.store, root / "feature_cache", chosen.folder / "evaluate", chosen.name)
    write_report(comparison, suspects, out_dir)


def gather(
    root: Path, recipes: Sequence[str], confidence: float = CONFIDENCE, titles: Mapping[str, str] | None = None
) -> Comparison:
    """Read what has finished and compute the comparison. Raises UserError as ``compare`` does."""
    store = ImageStore(root / "images")
    finished, left_out = find_finished(root, recipes, store.digest, store.folds)
    if not finished:
        reasons = "; ".join(f"{name} {reason}" for name, reason in left_out.items()) or "the list of recipes is empty"
        raise UserError(
            f"there is nothing to compare under {root / 'recipes'}: {reasons}; `dvc repro` makes what is missing"
        )
    reference = next((f for f in finished if f.family == "scratch"), finished[0])
    pairs = {
        f.name: compare_paired(*same_images(f.answers, reference.answers), confidence)
        for f in finished
        if f is not reference
    }
    verdict = judge(finished, confidence, complete=not left_out)
    advice = advise(finished, leader(finished, verdict), confidence, complete=not left_out)
    rows = [majority_row(finished[0])]
    for f in finished:
        row = recipe_row(
            f, chosen=f.name in verdict.named, versus=reference.name, paired=pairs.get(f.name), confidence=confidence
        )
        rows.append(row | {"title": (titles or {}).get(f.name, row["title"])})
    return Comparison(store, finished, rows, reference.name, pairs, verdict, advice, left_out, confidence)
