"""How long a network takes for an image, measured on the batches that are predicted anyway."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import torch

from warmstart.dataset.image_store import ImageStore
from warmstart.evaluation.predictions import BatchTime, predict_logits
from warmstart.models.image_model import ImageModel
from warmstart.records.prediction_speed import PredictionSpeed
from warmstart.runtime.devices import DevicePlan

MIN_BATCHES = 3


def prediction_speed(
    model: ImageModel, store: ImageStore, compute: DevicePlan, times: Sequence[BatchTime]
) -> PredictionSpeed:
    """The median over the full batches in ``times``, of which the first is left out as a warm-up. Where fewer than
    ``MIN_BATCHES`` are left, the first test images are predicted again; that changes no result.
    """
    size = max(time.n for time in times)
    full = [time for time in times[1:] if time.n == size]
    if len(full) < MIN_BATCHES:
        images = torch.from_numpy(store.images("test")[:size])
        again: list[BatchTime] = []
        predict_logits(model, [(images, torch.empty(0))] * (MIN_BATCHES + 1), compute, again)
        size, full = len(images), again[1:]
    each = [time.seconds / time.n for time in full]
    return PredictionSpeed(
        median(each), min(each), max(each), len(each), size, compute.describe(), torch.get_num_threads(),
        compute.precision,
    )  # fmt: skip
