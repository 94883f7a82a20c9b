"""Labels that may be wrong: images whose class models that have not learned from them confidently predict otherwise."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warmstart.comparison.out_of_sample import ImagePlace, OutOfSample, out_of_sample
from warmstart.dataset.image_store import ImageStore
from warmstart.records.comparison import SuspectRow

log = logging.getLogger(__name__)
MIN_IMAGES = 40  # below which the usual confidence of a class is not known
# The given class must have at least this recall: of a class that the model hardly knows, it names its own mistakes.
MIN_RECALL = 0.5
# How likely the given class may be, relative to its mean for images of other classes, for a model of perfect recall.
MAX_RELATIVE_PROBABILITY = 1.05


@dataclass(frozen=True)
class Suspect:
    """An image whose label may be wrong. line: of corrections.csv. relative: the given class's probability over its
    mean for images of other classes; the lower, the more unusual.
    """

    image: ImagePlace
    line: SuspectRow
    relative: float


@dataclass(frozen=True)
class ClassStatistics:
    """Of each class, as labelled, float (classes,), in [0, 1]. share: of all images. recall: of the models that have
    not learned from the images.
    """

    share: np.ndarray
    recall: np.ndarray


@dataclass(frozen=True)
class Suspects:
    """The suspects, the most unusual first, and how many images were looked at."""

    found: list[Suspect]
    looked_at: int


def find_suspects(store: ImageStore, features_dir: Path, evaluate_dir: Path, recipe: str) -> Suspects:
    """The labels of ``store`` that may be wrong. evaluate_dir: of ``recipe``, whose predictions are used where they are
    needed. features_dir: the cached features.
    """
    parts = [
        part for part in out_of_sample(store, features_dir, evaluate_dir, recipe) if len(part.labels) >= MIN_IMAGES
    ]
    statistics = class_statistics(parts, len(store.classes))
    found = [suspect for part in parts for suspect in suspects_of(part, store.classes, statistics)]
    found.sort(key=lambda one: (one.relative, one.image.path))
    looked_at = sum(len(part.labels) for part in parts)
    if found:
        log.info("%d of %d labels may be wrong: corrections.csv beside the report names them", len(found), looked_at)
    return Suspects(found, looked_at)


def class_statistics(parts: Sequence[OutOfSample], n_classes: int) -> ClassStatistics:
    """Share and recall of each class over all parts; both 0 for a class without images."""
    counts, hits = np.zeros(n_classes), np.zeros(n_classes)
    for part in parts:
        correct = part.probabilities.argmax(axis=1) == part.labels
        counts += np.bincount(part.labels, minlength=n_classes)
        hits += np.bincount(part.labels[correct], minlength=n_classes)
    return ClassStatistics(counts / max(1.0, counts.sum()), hits / np.maximum(counts, 1))


def suspects_of(part: OutOfSample, classes: Sequence[str], statistics: ClassStatistics) -> list[Suspect]:
    """The label issues that confident learning finds in ``part``, where the given class has a recall of ``MIN_RECALL``
    and is no likelier than for the mean image of other classes; less likely by the geometric mean of the recalls of
    both classes. Without that, a model that hardly knows a rare class doubts the right labels of that class.

    On three folders of digits (five classes of 170, 150, 120, 80 and 40 images, linear probe) this leaves 0, 1 and 2 of
    560 right labels doubted, instead of 4, 3 and 13.

    Confident learning: the given class is less likely than usual for it, and another is as likely as is usual where it
    is the right one (Northcutt, Jiang, Chuang, "Confident learning: estimating uncertainty in dataset labels", Journal
    of Artificial Intelligence Research 70, 2021; as in the library cleanlab).
    """
    from cleanlab.filter import find_label_issues

    if len(np.unique(part.labels)) < len(classes):
        return []
    indices = find_label_issues(
        part.labels,
        part.probabilities,
        filter_by="confident_learning",
        return_indices_ranked_by="normalized_margin",
        n_jobs=1,
    )
    mean_elsewhere = [part.probabilities[part.labels != label, label].mean() for label in range(len(classes))]
    suspects = []
    for index in indices:
        label, suggested = int(part.labels[index]), int(part.probabilities[index].argmax())
        share, recall = float(statistics.share[label]), float(statistics.recall[label])
        if suggested == label or recall < MIN_RECALL:
            continue
        relative = float(part.probabilities[index, label]) / max(float(mean_elsewhere[label]), 1e-12)
        if relative > MAX_RELATIVE_PROBABILITY * (recall * statistics.recall[suggested]) ** 0.5:
            continue
        image, confidence = part.images[index], float(part.probabilities[index, suggested])
        names, numbers = (classes[label], classes[suggested]), (confidence, share, recall)
        line = SuspectRow(image.path, *names, *numbers, part.seen_by)
        suspects.append(Suspect(image, line, relative))
    return suspects
