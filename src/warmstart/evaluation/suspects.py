"""Labels that are probably wrong: images of which models that have not learned from them confidently say otherwise."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.data.store import ImageStore
from warmstart.evaluation.out_of_sample import OutOfSample, out_of_sample
from warmstart.files import csv_writer

log = logging.getLogger(__name__)
COLUMNS = ("path", "given", "suggested", "confidence", "seen_by", "new_label")
FEWEST = 40  # images, below which the classes' usual confidence is anyone's guess


@dataclass(frozen=True)
class Suspect:
    """An image whose label may be wrong. given, suggested: class names. confidence: the suggested class's probability, 0 to 1.
    split and row: where its pixels are. seen_by: which model says so.
    """

    path: str
    given: str
    suggested: str
    confidence: float
    split: str
    row: int
    seen_by: str


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
            writer.writerow([s.path, s.given, s.suggested, f"{s.confidence:.3f}", s.seen_by, ""])
        return text.getvalue()


def find_suspects(store: ImageStore, features_dir: Path, evaluate_dir: Path, recipe: str) -> Suspects:
    """Look for labels that are probably wrong. recipe: whose predictions in ``evaluate_dir`` are used where they are needed."""
    parts = [part for part in out_of_sample(store, features_dir, evaluate_dir, recipe) if len(part.labels) >= FEWEST]
    found = [suspect for part in parts for suspect in suspects_of(part, store.classes)]
    found.sort(key=lambda s: (-s.confidence, s.path))
    looked_at = sum(len(part.labels) for part in parts)
    if found:
        log.info("%d of %d labels may be wrong: corrections.csv beside the report names them", len(found), looked_at)
    return Suspects(found, looked_at)


def suspects_of(part: OutOfSample, classes: Sequence[str]) -> list[Suspect]:
    """Those of ``part`` that confident learning names: the given class is less likely than usual for it, and another is as likely as is
    usual where it is the right one (Northcutt, Jiang, Chuang, "Confident learning: estimating uncertainty in dataset labels",
    Journal of Artificial Intelligence Research 70, 2021; as in the library cleanlab).
    """
    from cleanlab.filter import find_label_issues

    if len(np.unique(part.labels)) < len(classes):
        return []
    places = find_label_issues(
        part.labels, part.probabilities, filter_by="confident_learning", return_indices_ranked_by="normalized_margin", n_jobs=1
    )
    out = []
    for place in places:
        suggested = int(part.probabilities[place].argmax())
        if suggested == part.labels[place]:
            continue
        row: Any = part.rows[place]
        confidence = float(part.probabilities[place, suggested])
        given = classes[int(part.labels[place])]
        out.append(Suspect(str(row["path"]), given, classes[suggested], confidence, row["split"], int(row["row"]), part.seen_by))
    return out
