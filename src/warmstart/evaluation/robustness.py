"""A packaged model on corrupted test images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from warmstart.dataset.datamodule import Batch
from warmstart.dataset.image_store import ImageStore
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from warmstart.evaluation.metrics import accuracy_interval
from warmstart.evaluation.predictions import SplitLogits, predict_logits
from warmstart.models.image_model import ImageModel
from warmstart.records.robustness import CLEAN, CorruptedAccuracy, CorruptedRow, Robustness
from warmstart.runtime.devices import DevicePlan
from warmstart.statistics.paired_means import mean_intervals

CONDITIONS = [(kind, severity) for kind in CORRUPTIONS for severity in SEVERITIES]
SEED = 0


@dataclass(frozen=True)
class CorruptedAnswers:
    """Of n test images. labels: int64 (n,). clean: int64 (n,), the classes predicted for them as they are. corrupted:
    int64 (conditions, n), in the order of ``CONDITIONS``.
    """

    paths: list[str]
    labels: np.ndarray
    clean: np.ndarray
    corrupted: np.ndarray

    def rows(self) -> Iterator[CorruptedRow]:
        """The lines of robustness.csv."""
        for (kind, severity), answers in zip(
            [(CLEAN, 0), *CONDITIONS], np.vstack([self.clean, self.corrupted]), strict=True
        ):
            for path, label, predicted in zip(self.paths, self.labels.tolist(), answers.tolist(), strict=True):
                yield CorruptedRow(path, kind, severity, label, predicted)


def stratified_rows(labels: np.ndarray, most: int, seed: int = SEED) -> np.ndarray:
    """At most so many images, int64 (n,), ascending: of each class as large a share as of all, up to one image.

    labels: int64 (N,). The same labels and seed give the same images.
    """
    n = len(labels)
    if most >= n:
        return np.arange(n)
    mixed = np.random.default_rng(seed).permutation(n)
    by_class = mixed[np.argsort(labels[mixed], kind="stable")]
    return np.sort(by_class[((np.arange(most) + 0.5) * n / most).astype(np.int64)])


def answer_corrupted(
    model: ImageModel, store: ImageStore, compute: DevicePlan, clean: Predictions, most: int, batch_size: int
) -> CorruptedAnswers:
    """The packaged answers to at most ``most`` test images of the store's fold, under each corruption.

    model: with its temperature and threshold; it is moved to the CPU. clean: its answers to all test images.
    """
    rows = stratified_rows(store.labels("test"), most)
    images, labels = np.asarray(store.images("test")[rows]), store.labels("test")[rows]

    def batches() -> Iterator[Batch]:
        for kind, severity in CONDITIONS:
            pixels = corrupt(images, kind, severity, SEED)
            for start in range(0, len(pixels), batch_size):
                yield torch.from_numpy(pixels[start : start + batch_size]), torch.empty(0)

    logits = predict_logits(model, batches(), compute)
    model.cpu()
    manifest = store.manifest("test")
    paths = [manifest[row].path for row in rows]
    answers = SplitLogits("test", logits, np.tile(labels, len(CONDITIONS)), paths).classify(model)
    return CorruptedAnswers(paths, labels, clean.predicted[rows], answers.predicted.reshape(len(CONDITIONS), -1))


def robustness(answers: CorruptedAnswers, size: int, confidence: float, resamples: int) -> Robustness:
    """The accuracies of the answers. size: side of the images in pixels. confidence: of intervals. resamples: of the
    bootstrap.
    """
    right = answers.corrupted == answers.labels
    return Robustness(
        n=len(answers.labels),
        size=size,
        seed=SEED,
        clean=accuracy_interval(answers.clean == answers.labels, confidence),
        mean=mean_intervals(right.mean(axis=0)[None], answers.labels, confidence, resamples)[0],
        corrupted=[
            CorruptedAccuracy(kind, severity, accuracy_interval(one, confidence))
            for (kind, severity), one in zip(CONDITIONS, right, strict=True)
        ],
    )
