"""The comparison page: one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from warmstart.comparison.confusion import most_confused
from warmstart.comparison.made import machine, versions
from warmstart.comparison.messages import device_name, how_trained, tested_on
from warmstart.comparison.report.embedding_chart import interactive_map, photo_sheet
from warmstart.comparison.report.interactive import figures_json, library_script
from warmstart.comparison.report.interactive_curves import interactive_curves
from warmstart.comparison.report.published_accuracies import published_for
from warmstart.comparison.report.suspects_sheet import draw_suspects
from warmstart.comparison.report.top_losses_sheet import draw_top_losses
from warmstart.comparison.slice_messages import property_name, slice_sentences
from warmstart.comparison.slices import MIN_PHOTOS
from warmstart.comparison.top_losses import highest_losses
from warmstart.comparison.yardstick import threshold_metric
from warmstart.config.selection import SELECTABLE
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.round_robin import round_robin_order
from warmstart.drawing.data_uri import file_uri, photo_uri, png_uri
from warmstart.drawing.html import templates
from warmstart.drawing.sheet import contact_sheet
from warmstart.evaluation.corruptions import CORRUPTIONS
from warmstart.records.interpretation import InterpretationSummary, MapScores
from warmstart.text.file_sizes import format_bytes
from warmstart.text.quantities import (
    count,
    format_duration,
    measure,
    milliseconds,
    p_text,
    percent,
    plural,
    points,
)

if TYPE_CHECKING:
    from warmstart.comparison.compare import Comparison
    from warmstart.comparison.finished import FinishedRecipe
    from warmstart.comparison.report.extras import ReportExtras
    from warmstart.comparison.suspects import Suspects
    from warmstart.dataset.image_store import ImageStore
    from warmstart.records.comparison import ComparisonTable

MAX_SAMPLES = 16
FILTERS = {
    "percent": percent,
    "measure": measure,
    "points": points,
    "duration": format_duration,
    "milliseconds": milliseconds,
    "bytes": format_bytes,
    "device_name": device_name,
    "p_text": p_text,
    "count": count,
    "plural": plural,
    "property_name": property_name,
}
# In a recipe's interpret/ folder, in the order of the page, which has a heading for each.
INTERPRETATION_IMAGES = {
    "confident_wrong": "cam/confident_wrong.png",
    "right": "cam/right.png",
    "mean": "cam/mean.png",
    "scores": "scores/scores.png",
    "kernels": "kernels/kernels.png",
}


def render_page(
    comparison: Comparison,
    table: ComparisonTable,
    suspects: Suspects,
    charts: Mapping[str, bytes],
    narrow: Mapping[str, bytes],
    extras: ReportExtras,
) -> str:
    """The page as HTML. charts: PNG files by name, ``accuracy``, ``cost``, ``reliability``, ``curves``,
    of two classes ``precision_recall``, where there is one ``learning_curve`` and, with cached features, ``embedding``.
    narrow: the same for a telephone.

    Whatever comes from files is escaped, and all images and scripts are inside the page.
    """
    environment = templates(Path(__file__).parent)
    environment.filters |= FILTERS | {"gain": comparison.by.gain}
    store, finished = comparison.store, comparison.finished
    scored = _scored_maps(finished)
    images = {str(split): store.images(split) for split in SPLITS}
    sheet = draw_suspects(suspects.found, images) if suspects.found else None
    recommended = comparison.recipes[comparison.advice.recipe]
    losses = highest_losses(recommended.folder / "evaluate")
    slices, embedding = comparison.slices[recommended.name], extras.embedding
    plots = interactive_curves(finished) | (interactive_map(embedding, table.classes) if embedding else {})
    context = {
        "table": table,
        "recommended": recommended,
        "confused": most_confused(recommended.metrics.test.confusion, table.classes, comparison.confidence),
        "trade_off": comparison.trade_off,
        "curve": comparison.curve,
        "curve_metric": SELECTABLE[comparison.curve.metric].title if comparison.curve else "",
        "by": comparison.by,
        "threshold_by": threshold_metric(finished),
        "corruptions": CORRUPTIONS,
        "slices": slices,
        "slice_sentences": slice_sentences(recommended.name, slices, tested_on(store.folds)),
        "min_slice": MIN_PHOTOS,
        "verdict": table.verdict,
        "pairwise": table.pairwise,
        "speeds": [recipe.speed for recipe in finished],
        "finished": finished,
        "images": store.prepared,
        "other_sizes": _other_sizes(finished, store.size),
        "folds": store.folds,
        "tested": comparison.by.tested_name(store.folds, comparison.seeds),
        "seeds": comparison.seeds,
        "test_name": comparison.by.test_name(comparison.seeds),
        "charted": comparison.charted,
        "confidence": f"{100 * comparison.confidence:.4g} %",
        "charts": {name: png_uri(data) for name, data in charts.items()},
        "narrow": {name: png_uri(data) for name, data in narrow.items()},
        "map_scores": scored,
        "score_columns": {key for *_, maps in scored for key, score in maps.scores.items() if score},
        "interpretations": {recipe.name: _interpretation_images(recipe) for recipe in finished},
        "class_counts": _class_counts(store),
        "suspects": suspects,
        "suspects_sheet": photo_uri(sheet) if sheet else None,
        "trainings": [(how_trained(one.summary.precision, one.summary.device), one) for one in finished],
        "samples": photo_uri(contact_sheet(_samples(store), MAX_SAMPLES // 2)),
        "top_losses": losses,
        "top_losses_sheet": photo_uri(draw_top_losses(losses, table.classes, images, recommended.name)),
        "embedding": embedding,
        "photo_sheet": photo_sheet(list(images["val"][embedding.rows])) if embedding else None,
        "audit": extras.audit,
        "made": extras.made,
        "timed": sum({cost.extraction_seconds for cost in comparison.costs.values()}),
        "machine": machine(),
        "versions": versions(),
        "library": library_script(),
        "figures": figures_json(plots),
        "published": published_for(table.dataset, len(table.classes)),
    }
    return environment.get_template("report_page.html.jinja").render(context)


def _scored_maps(finished: Sequence[FinishedRecipe]) -> list[tuple[str, str | None, MapScores]]:
    """Of each recipe whose class activation maps were scored: its name, the site of the maps in words, and the scores.
    Raises UserError for damaged files.
    """
    found = []
    for recipe in finished:
        if (path := recipe.folder / "interpret" / "summary.json").exists():
            summary = InterpretationSummary.read(path)
            if summary.scores:
                found.append((recipe.name, summary.where, summary.scores))
    return found


def _interpretation_images(recipe: FinishedRecipe) -> dict[str, str]:
    """The data URIs of the images that `interpret` has made."""
    found = {kind: file_uri(recipe.folder / "interpret" / file) for kind, file in INTERPRETATION_IMAGES.items()}
    return {kind: uri for kind, uri in found.items() if uri}


def _other_sizes(finished: Sequence[FinishedRecipe], size: int) -> dict[int, list[str]]:
    """Sizes in pixels other than ``size`` at which recipes were trained, ascending → the titles of these recipes."""
    found: dict[int, list[str]] = {}
    for recipe in finished:
        if (own := recipe.size) is not None and own != size:
            found.setdefault(own, []).append(recipe.summary.title)
    return dict(sorted(found.items()))


def _class_counts(store: ImageStore) -> list[dict[str, str | int]]:
    """Images by class and split, in the order of the classes."""
    counts = {split: Counter(store.labels(split).tolist()) for split in SPLITS}
    return [{"class": name, **{s: n[label] for s, n in counts.items()}} for label, name in enumerate(store.classes)]


def _samples(store: ImageStore) -> list[np.ndarray]:
    """Test images, one of each class in turn."""
    images = store.images("test")
    return [images[i] for i in round_robin_order(store.labels("test"))[:MAX_SAMPLES]]
