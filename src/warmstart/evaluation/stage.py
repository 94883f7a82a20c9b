"""The ``evaluate`` stage: what a kept network is worth on images it has never seen, and the package that serves it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.evaluation.folds import folds_of, load_fold, pool, pooled_metrics, write_pooled
from warmstart.evaluation.measured import measure
from warmstart.evaluation.metrics import majority_class, split_metrics
from warmstart.evaluation.predictions import write_predictions
from warmstart.files.digest import sha256_file
from warmstart.files.plain import replace_dir, write_json
from warmstart.runtime.devices import resolve_compute
from warmstart.serving.package import save_package
from warmstart.text.quantities import count, percent_interval

log = logging.getLogger(__name__)


def evaluate(config: Mapping[str, Any], *, model_dir: Path, images_dir: Path, out_dir: Path) -> dict[str, Any]:
    """Measure ``model_dir/model.ckpt`` on the validation and test images; write predictions, metrics and the packaged model.

    With folds, that is fold 0, whose network is packaged; ``test`` in metrics.json is then of all images, each answered by the
    network of the fold that tests on it, and those answers are written too (see ``folds.write_pooled``).

    Temperature and threshold are found on validation images and go into the package; ``test`` and all written predictions are of
    the packaged model, with both, and ``as_trained`` has the same figures at temperature 1 and without a threshold. ``val`` is as
    trained, since a threshold found on these images flatters them. All is measured in 32-bit floats, as the packaged model predicts,
    whatever precision it was trained in. Raises UserError.
    """
    options = config["evaluate"]
    store = ImageStore(images_dir)
    model = load_fold(model_dir, store)
    if (folds := folds_of(model_dir)) != store.folds:
        trained, prepared = (f"in {number} folds" if number > 1 else "without folds" for number in (folds, store.folds))
        raise UserError(f"{model_dir} was trained {trained}, but {images_dir} is {prepared}: train the recipe again")
    compute = replace(resolve_compute(config["trainer"]), precision="32-true")
    measured = measure(model, store, compute, options["batch_size"])
    settings = {
        "resamples": options["bootstrap"],
        "confidence": options["confidence"],
        "bins": options["calibration_bins"],
    }
    labels = {split: part.labels for split, part in measured.parts.items()}
    metrics: dict[str, Any] = {
        "val": split_metrics(measured.trained["val"], labels["val"], **settings),
        "val_is": "as trained: temperature and threshold are found on these images",
        "test": split_metrics(measured.shipped["test"], labels["test"], **settings),
        "test_is": "as shipped: with the temperature and threshold below",
        "as_trained": {"test": split_metrics(measured.trained["test"], labels["test"], **settings)},
        "majority": majority_class(store.labels("train"), labels["test"], store.classes, options["confidence"]),
        "temperature": measured.temperature,
        "threshold": measured.threshold,
        "precision": compute.precision,
        "device": compute.describe(),
        "checkpoint": sha256_file(model_dir / "model.ckpt"),  # which training these figures are of
    }
    pooled = None
    if folds > 1:
        pooled = pool(measured, model_dir, images_dir, compute, options["batch_size"])
        metrics |= pooled_metrics(pooled, store.classes, settings)
    with replace_dir(out_dir) as folder:
        if pooled:
            write_pooled(folder, pooled)
        write_predictions(folder, [(measured.parts[split], measured.shipped[split]) for split in ("val", "test")])
        write_json(folder / "metrics.json", metrics)
        save_package(model, folder / "package")
    test, trained = metrics["test"], metrics["as_trained"]["test"]
    of = f"out-of-fold accuracy, {folds} folds," if pooled else "test accuracy"
    before = "" if trained["accuracy"] == test["accuracy"] else f"; as trained {percent_interval(trained['accuracy'])}"
    log.info(
        "%s: %s %s, n = %s%s", model.meta["recipe"], of, percent_interval(test["accuracy"]), count(test["n"]), before
    )
    return metrics
