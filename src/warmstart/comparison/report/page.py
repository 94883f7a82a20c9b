"""The comparison page: one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from warmstart.comparison.report.intervals_plot import accuracy_name
from warmstart.comparison.report.map_scores import map_scores
from warmstart.comparison.report.published import published_for
from warmstart.comparison.report.suspects_sheet import draw_suspects
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.round_robin import round_robin_order
from warmstart.drawing.data_uri import file_uri, photo_uri, png_uri
from warmstart.drawing.html import templates
from warmstart.drawing.sheet import contact_sheet
from warmstart.text.quantities import count, duration, p_text, percent, points, precision_words

if TYPE_CHECKING:
    from warmstart.comparison.compare import Comparison
    from warmstart.comparison.finished import Finished
    from warmstart.comparison.suspects import Suspects
    from warmstart.dataset.image_store import ImageStore

SAMPLES = 16
# File in a recipe's interpret/ folder, and what the page says above it.
EXAMPLES = (
    ("cam/confident_wrong.png", "Where it looks in its most confident mistakes"),
    ("cam/right.png", "Where it looks when it is right"),
    ("cam/mean.png", "Where it looks on average"),
    ("scores/scores.png", "Whether these maps can be trusted"),
    ("kernels/kernels.png", "What its first convolution looks for"),
)


def render_page(
    comparison: Comparison, suspects: Suspects, figures: Mapping[str, bytes], narrow: Mapping[str, bytes]
) -> str:
    """The page as HTML. figures: PNG files by name, ``accuracy``, ``reliability``, ``curves`` and ``curves/<recipe>``; narrow: the same for a
    page that is as wide as a telephone.

    Whatever comes from files is escaped, all pictures are inside the page, and there are no scripts.
    """
    environment = templates(Path(__file__).parent)
    environment.filters |= {
        "percent": percent,
        "points": points,
        "duration": duration,
        "p_text": p_text,
        "count": count,
    }
    store = comparison.store
    context = {
        "c": comparison,
        "meta": store.meta,
        "folds": store.folds,
        "tested": accuracy_name(store.folds),
        "confidence": f"{100 * comparison.confidence:.4g} %",
        "figures": {name: png_uri(data) for name, data in figures.items()},
        "narrow": {name: png_uri(data) for name, data in narrow.items()},
        "map_scores": map_scores(comparison.finished),
        "examples": {f.name: _examples(f) for f in comparison.finished},
        "class_counts": _class_counts(store),
        "suspects": suspects,
        "suspects_sheet": photo_uri(draw_suspects(suspects.found, {s: store.images(s) for s in SPLITS}))
        if suspects.found
        else None,
        "made": [
            (f.name, precision_words(f.summary["precision"], f.summary["device"]), f.summary)
            for f in comparison.finished
        ],
        "samples": photo_uri(contact_sheet(_samples(store), SAMPLES // 2)),
        "published": published_for(store.meta["dataset"], len(store.classes)),
    }
    return environment.get_template("page.html.jinja").render(context)


def _examples(finished: Finished) -> list[tuple[str, str]]:
    """Heading and address of each picture that `interpret` has made."""
    found = [(title, file_uri(finished.folder / "interpret" / file)) for file, title in EXAMPLES]
    return [(title, uri) for title, uri in found if uri]


def _class_counts(store: ImageStore) -> list[dict[str, Any]]:
    """Images per class and split, in the order of the classes."""
    counts = {split: Counter(row["label"] for row in store.rows(split)) for split in ("train", "val", "test")}
    return [{"class": name, **{s: n[label] for s, n in counts.items()}} for label, name in enumerate(store.classes)]


def _samples(store: ImageStore) -> list[np.ndarray]:
    """Some test images, the classes in turn."""
    images = store.images("test")
    return [images[i] for i in round_robin_order(store.labels("test"))[:SAMPLES]]
