"""The ``evaluate`` stage: what a kept network is worth on images it has never seen, and the package that serves it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warmstart.compute import resolve_compute
from warmstart.data.store import ImageStore
from warmstart.errors import UserError
from warmstart.evaluation.calibration import find_temperature, find_threshold
from warmstart.evaluation.folds import folds_of, load_fold, pool, pooled_metrics, write_pooled
from warmstart.evaluation.metrics import majority_class, split_metrics
from warmstart.evaluation.predictions import Predictions, predict, write_predictions
from warmstart.files import replace_dir, sha256_file, write_json
from warmstart.models.package import save_package

log = logging.getLogger(__name__)


def evaluate(config: Mapping[str, Any], *, model_dir: Path, images_dir: Path, out_dir: Path) -> dict[str, Any]:
    """Measure ``model_dir/model.ckpt`` on the validation and test images; write predictions, metrics and the packaged model.

    With folds, that is fold 0, whose network is packaged; ``test`` in metrics.json is then of all images, each answered by the
    network of the fold that tests on it, and those answers are written too (see ``folds.write_pooled``).

    Temperature and threshold are found on validation images and go into the package; the figures are the network's own, at
    temperature 1 and threshold 0.5, so that recipes compare as they were trained. Raises UserError.
    """
    options = config["evaluate"]
    store = ImageStore(images_dir)
    model = load_fold(model_dir, store)
    if (folds := folds_of(model_dir)) != store.folds:
        trained, prepared = (f"in {number} folds" if number > 1 else "without folds" for number in (folds, store.folds))
        raise UserError(f"{model_dir} was trained {trained}, but {images_dir} is {prepared}: train the recipe again")
    compute = resolve_compute(config["trainer"])
    parts = []
    for split in ("val", "test"):
        logits = predict(model, store.images(split), compute, options["batch_size"])
        parts.append(Predictions(split, logits, store.labels(split), store.rows(split)))
    model.cpu()
    probabilities = [part.probabilities(model) for part in parts]
    settings = {"resamples": options["bootstrap"], "confidence": options["confidence"], "bins": options["calibration_bins"]}
    metrics: dict[str, Any] = {part.split: split_metrics(p, part.labels, **settings) for part, p in zip(parts, probabilities, strict=True)}
    metrics["majority"] = majority_class(store.labels("train"), store.labels("test"), store.classes, options["confidence"])
    val = parts[0]
    model.temperature = metrics["temperature"] = find_temperature(val.logits.numpy().astype("float64"), val.labels)
    if len(store.classes) == 2:
        model.threshold = find_threshold(val.probabilities(model)[:, 1], val.labels)
    metrics["threshold"] = model.threshold
    metrics["checkpoint"] = sha256_file(model_dir / "model.ckpt")  # which training these figures are of
    pooled = None
    if folds > 1:
        pooled = pool(parts[1], probabilities[1], model_dir, images_dir, compute, options["batch_size"])
        metrics |= pooled_metrics(pooled, store.classes, settings)
    with replace_dir(out_dir) as folder:
        if pooled:
            write_pooled(folder, pooled)
        write_predictions(folder, list(zip(parts, probabilities, strict=True)))
        write_json(folder / "metrics.json", metrics)
        save_package(model, folder / "package")
    test = metrics["test"]["accuracy"]
    of = f"out-of-fold accuracy, {folds} folds," if pooled else "test accuracy"
    log.info("%s: %s %.3f [%.3f, %.3f], n = %d", model.meta["recipe"], of, *test.values(), metrics["test"]["n"])
    return metrics
