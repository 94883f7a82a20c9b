"""Labels that are probably wrong: images of which models that have not learned from them confidently say otherwise."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.comparison.out_of_sample import OutOfSample, out_of_sample
from warmstart.dataset.image_store import ImageStore
from warmstart.files.cells import csv_writer, path_cell, text_cell

log = logging.getLogger(__name__)
COLUMNS = ("path", "given", "suggested", "confidence", "given_share", "given_recall", "seen_by", "new_label")
FEWEST = 40  # images, below which the classes' usual confidence is anyone's guess
# A class of which the model itself knows less than this share gives no suspects: it names its mistakes, not the labels'.
LEAST_RECALL = 0.5
# How likely the given class may be, over its mean for images of other classes, where the model is never wrong about the two.
UNLIKELY = 1.05


@dataclass(frozen=True)
class Suspect:
    """An image whose label may be wrong. given, suggested: class names. confidence: the suggested class's probability, 0 to 1.
    split and row: where its pixels are. seen_by: which model says so. share, recall: of the given class, see ``ClassFigures``.
    unlikely: the given class's probability over its mean for images of other classes, 0 to 1; the lower, the more unusual.
    """

    path: str
    given: str
    suggested: str
    confidence: float
    split: str
    row: int
    seen_by: str
    share: float
    recall: float
    unlikely: float


@dataclass(frozen=True)
class ClassFigures:
    """Of each class, as labelled, float (classes,), in [0, 1]. share: of all images. recall: how many of its images the models that
    have not learned from them call so.
    """

    share: np.ndarray
    recall: np.ndarray


@dataclass(frozen=True)
class Suspects:
    """The suspects, most suspect first, and how many images were looked at."""

    found: list[Suspect]
    looked_at: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"n": len(self.found), "looked_at": self.looked_at, "first": [s.path for s in self.found[:20]]}

    def to_csv(self) -> str:
        """The table for a person: ``new_label`` is theirs to fill in."""
        text = io.StringIO()
        writer = csv_writer(text)
        writer.writerow(COLUMNS)
        for s in self.found:
            figures = (f"{value:.3f}" for value in (s.confidence, s.share, s.recall))
            writer.writerow(
                [path_cell(s.path), text_cell(s.given), text_cell(s.suggested), *figures, text_cell(s.seen_by), ""]
            )
        return text.getvalue()


def find_suspects(store: ImageStore, features_dir: Path, evaluate_dir: Path, recipe: str) -> Suspects:
    """Look for labels that are probably wrong. recipe: whose predictions in ``evaluate_dir`` are used where they are needed."""
    parts = [part for part in out_of_sample(store, features_dir, evaluate_dir, recipe) if len(part.labels) >= FEWEST]
    known = class_figures(parts, len(store.classes))
    found = [suspect for part in parts for suspect in suspects_of(part, store.classes, known)]
    found.sort(key=lambda s: (s.unlikely, s.path))
    looked_at = sum(len(part.labels) for part in parts)
    if found:
        log.info("%d of %d labels may be wrong: corrections.csv beside the report names them", len(found), looked_at)
    return Suspects(found, looked_at)


def class_figures(parts: Sequence[OutOfSample], n_classes: int) -> ClassFigures:
    """Share and recall of each class over all parts; both 0 for a class without images."""
    counts, hits = np.zeros(n_classes), np.zeros(n_classes)
    for part in parts:
        right = part.probabilities.argmax(axis=1) == part.labels
        counts += np.bincount(part.labels, minlength=n_classes)
        hits += np.bincount(part.labels[right], minlength=n_classes)
    return ClassFigures(counts / max(1.0, counts.sum()), hits / np.maximum(counts, 1))


def suspects_of(part: OutOfSample, classes: Sequence[str], known: ClassFigures) -> list[Suspect]:
    """Those of ``part`` that confident learning names, where the given class is one that the model knows (``LEAST_RECALL``) and is no
    likelier than for the mean image of other classes; less likely by as much as the model is wrong about the two classes (the geometric
    mean of their recalls). Without that, a model that hardly knows a rare class doubts the right labels of that class.

    On three folders of digits (five classes of 170, 150, 120, 80 and 40 images, linear probe) 4, 3 and 13 of 560 right labels were
    doubted, now 0, 1 and 2.

    Confident learning: the given class is less likely than usual for it, and another is as likely as is usual where it is the right one
    (Northcutt, Jiang, Chuang, "Confident learning: estimating uncertainty in dataset labels", Journal of Artificial Intelligence Research 70,
    2021; as in the library cleanlab).
    """
    from cleanlab.filter import find_label_issues

    if len(np.unique(part.labels)) < len(classes):
        return []
    places = find_label_issues(
        part.labels,
        part.probabilities,
        filter_by="confident_learning",
        return_indices_ranked_by="normalized_margin",
        n_jobs=1,
    )
    elsewhere = [part.probabilities[part.labels != label, label].mean() for label in range(len(classes))]
    out = []
    for place in places:
        suggested = int(part.probabilities[place].argmax())
        if suggested == part.labels[place]:
            continue
        label = int(part.labels[place])
        share, recall = float(known.share[label]), float(known.recall[label])
        if recall < LEAST_RECALL:
            continue
        unlikely = float(part.probabilities[place, label]) / max(float(elsewhere[label]), 1e-12)
        if unlikely > UNLIKELY * (recall * known.recall[suggested]) ** 0.5:
            continue
        row: Any = part.rows[place]
        confidence = float(part.probabilities[place, suggested])
        where = (row["split"], int(row["row"]), part.seen_by)
        out.append(
            Suspect(str(row["path"]), classes[label], classes[suggested], confidence, *where, share, recall, unlikely)
        )
    return out
