"""The ``compare`` stage: the finished recipes of a dataset compared, as a table, charts and one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from warmstart.comparison import messages
from warmstart.comparison.advice import Advice, advise
from warmstart.comparison.comparison_rows import charted_row, majority_row, recipe_row
from warmstart.comparison.cost import Cost, pareto_front, recipe_costs
from warmstart.comparison.effect_messages import effect_record, unmeasured_sentences
from warmstart.comparison.effects import MeasuredEffect, measure_effects, unmeasured_effects
from warmstart.comparison.finished import FinishedRecipe, LeftOut, find_finished
from warmstart.comparison.learning_curve.finished_curve import find_curves
from warmstart.comparison.learning_curve.summarise import summarise
from warmstart.comparison.metric_comparison import compare_metrics
from warmstart.comparison.pairwise import Pairwise, compare_all
from warmstart.comparison.pairwise_messages import pairwise_record
from warmstart.comparison.robustness import RobustnessComparison, compare_robustness
from warmstart.comparison.slices import RecipeSlices, slice_recipes
from warmstart.comparison.suspects import Suspects, find_suspects
from warmstart.comparison.thresholds import TradeOff, trade_off
from warmstart.comparison.verdict import Verdict, compute_verdict
from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick, best_on_validation, common_yardstick
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.records.comparison import ComparisonTable, SuspectCounts, VerdictRecord
from warmstart.records.comparison_row import ComparisonRow
from warmstart.records.feature_extraction import FeatureExtraction
from warmstart.records.learning_curve import CurveMetric, LearningCurve
from warmstart.statistics.intervals import CONFIDENCE

MAX_PATHS_IN_TABLE = 20  # of labels that may be wrong


@dataclass(frozen=True)
class Comparison:
    """rows: of the table, the majority class first. reference: the recipe that the rows are set against. pairwise: all
    pairs of recipes. costs, slices: by recipe. trade_off: of the recommended recipe, None for more than two classes.
    curve: the learning curves, None where no recipe has one. confidence: of every interval. by: the metric that chooses
    and compares recipes. robustness: None where no recipe was tested under corruptions.
    """

    store: ImageStore
    finished: list[FinishedRecipe]
    rows: list[ComparisonRow]
    reference: str
    pairwise: Pairwise
    costs: dict[str, Cost]
    verdict: Verdict
    advice: Advice
    effects: list[MeasuredEffect]
    left_out: dict[str, LeftOut]
    slices: dict[str, RecipeSlices]
    trade_off: TradeOff | None
    curve: LearningCurve | None
    confidence: float
    by: Yardstick = BY_ACCURACY
    robustness: RobustnessComparison | None = None

    @property
    def recipes(self) -> dict[str, FinishedRecipe]:
        """The finished recipes by name."""
        return {recipe.name: recipe for recipe in self.finished}

    @property
    def seeds(self) -> int:
        """Of each recipe."""
        return self.pairwise.seeds

    @property
    def front(self) -> list[str]:
        """The recipes that no other beats in both accuracy (see ``charted``) and training time, the fastest first."""
        seconds = {name: cost.seconds for name, cost in self.costs.items()}
        return pareto_front(seconds, {row.recipe: row.test_accuracy or 0.0 for row in self.charted if row.family})

    @property
    def charted(self) -> list[ComparisonRow]:
        """The rows as charts show them: with the metric that chooses as their accuracy, where that is a share."""
        return self.rows if self.by.is_accuracy or not self.by.is_share else [charted_row(row) for row in self.rows]

    def to_table(self, suspects: Suspects) -> ComparisonTable:
        """The record of table.json."""
        store, folds, seeds = self.store, self.store.folds, self.seeds
        return ComparisonTable(
            dataset=store.prepared.dataset,
            digest=store.digest,
            classes=store.classes,
            counts=store.prepared.counts,
            confidence=self.confidence,
            chosen_by=messages.chosen_by(folds, seeds, self.by),
            select_by=None if self.by.is_accuracy else self.by.name,
            folds=folds if folds > 1 else None,
            tested_on=messages.tested_on(folds, seeds) if folds > 1 or seeds > 1 else None,
            over_seeds={one.name: one.metrics.seeds for one in self.finished if one.metrics.seeds} or None,
            verdict=self.verdict_record(),
            reference=self.reference,
            rows=self.rows,
            pairwise=pairwise_record(self.pairwise, folds),
            front_by_time=self.front,
            metrics=compare_metrics(self.finished),
            left_out={name: messages.left_out_reason(left_out) for name, left_out in self.left_out.items()},
            robustness=self.robustness.record if self.robustness else None,
            suspects=SuspectCounts(
                len(suspects.found), suspects.looked_at, [one.image.path for one in suspects.found[:MAX_PATHS_IN_TABLE]]
            ),
        )

    def verdict_record(self) -> VerdictRecord:
        """The verdict and the advice as sentences and numbers."""
        verdict = self.verdict
        return VerdictRecord(
            question=messages.QUESTIONS[verdict.question],
            answer=messages.verdict_answer(verdict, self.recipes, self.by),
            reasons=messages.verdict_reasons(verdict, self.recipes, self.costs, self.by),
            named=list(verdict.named),
            scratch=verdict.scratch,
            transfer=verdict.transfer,
            paired=verdict.paired,
            recommended=self.advice.recipe,
            advice=messages.advice_sentence(self.advice, self.recipes, self.by),
            effects=[effect_record(one, self.recipes, self.by) for one in self.effects],
            not_measured=unmeasured_sentences(
                unmeasured_effects(self.finished), self.store.prepared.dataset, self.finished, list(self.left_out)
            ),
        )


def compare(
    root: Path,
    recipes: Sequence[str],
    out_dir: Path,
    confidence: float = CONFIDENCE,
    titles: Mapping[str, str] | None = None,
    curves: Sequence[str] | None = None,
    seeds: int = 1,
) -> None:
    """Compare the recipes that have finished under ``root/recipes`` and write the report into ``out_dir``.

    confidence: of intervals, in (0, 1). titles: of recipes, in place of those that they had when they were trained.
    curves: the recipes whose learning curves are shown; None: all that have one. seeds: with how many seeds the recipes
    are trained; one that was trained with another number is left out. Raises UserError where no recipe has finished, or
    where two were tested on different images.
    """
    from warmstart.comparison.report.extras import read_extras
    from warmstart.comparison.report.write_report import write_report  # only now: Matplotlib takes long to import

    comparison = build_comparison(root, recipes, confidence, titles, curves, seeds)
    best = best_on_validation(comparison.finished, comparison.by)
    assert best is not None  # build_comparison refuses an empty comparison
    suspects = find_suspects(comparison.store, root / "feature_cache", best.folder / "evaluate", best.name)
    extras = read_extras(root, comparison.store, comparison.finished, confidence)
    write_report(comparison, suspects, extras, out_dir)


def build_comparison(
    root: Path,
    recipes: Sequence[str],
    confidence: float = CONFIDENCE,
    titles: Mapping[str, str] | None = None,
    curves: Sequence[str] | None = None,
    seeds: int = 1,
) -> Comparison:
    """Read what has finished and compute the comparison. Parameters and errors are those of ``compare``."""
    store = ImageStore(root / "images")
    finished, left_out = find_finished(root, recipes, store.digest, store.folds, seeds)
    if not finished:
        reasons = "; ".join(f"{name} {messages.left_out_reason(why)}" for name, why in left_out.items())
        raise UserError(
            messages.NOTHING_TO_COMPARE.format(
                folder=root / "recipes", reasons=reasons or "the list of recipes is empty"
            )
        )
    reference = next((recipe for recipe in finished if recipe.family == "scratch"), finished[0])
    timed = root / FeatureExtraction.FILE
    extraction = FeatureExtraction.read(timed) if timed.exists() else None
    by = common_yardstick(finished)
    pairwise, costs = compare_all(finished, confidence, by), recipe_costs(finished, extraction)
    verdict = compute_verdict(finished, pairwise, complete=not left_out, by=by)
    advice = advise(finished, verdict, pairwise, costs, complete=not left_out, by=by)
    rows = [
        recipe_row(
            recipe,
            title=(titles or {}).get(recipe.name, recipe.summary.title),
            chosen=recipe.name in verdict.named,
            versus=reference.name,
            pair=pairwise.between(recipe.name, reference.name) if recipe is not reference else None,
            cost=costs[recipe.name],
            confidence=confidence,
            by=by,
        )
        for recipe in finished
    ]
    rows.insert(0, majority_row(finished[0], by))
    return Comparison(
        store=store,
        finished=finished,
        rows=rows,
        reference=reference.name,
        pairwise=pairwise,
        costs=costs,
        verdict=verdict,
        advice=advice,
        effects=measure_effects(finished, pairwise, by),
        left_out=left_out,
        slices=slice_recipes(root, finished, store.classes, confidence),
        trade_off=trade_off(
            next(recipe for recipe in finished if recipe.name == advice.recipe), store.classes, confidence
        ),
        curve=_learning_curve(root, recipes if curves is None else curves, store, confidence, by),
        confidence=confidence,
        by=by,
        robustness=compare_robustness(finished, confidence),
    )


def _learning_curve(
    root: Path, recipes: Sequence[str], store: ImageStore, confidence: float, by: Yardstick
) -> LearningCurve | None:
    finished = find_curves(root, recipes, store)
    metric: CurveMetric = "balanced_accuracy" if by.name == "balanced_accuracy" else "accuracy"
    return summarise(finished, store.labels("test"), metric, confidence) if finished else None
