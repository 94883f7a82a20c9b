"""The ``evaluate`` stage: the metrics of a trained recipe on images it has not seen, and the package that serves it."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from warmstart.config.stages import EvaluateConfig
from warmstart.evaluation import messages
from warmstart.evaluation.calibrated_predictions import EVALUATED_SPLITS, predict_and_calibrate
from warmstart.evaluation.fold_models import check_folds, load_fold_model, load_seed_models
from warmstart.evaluation.metrics import majority_class, split_metrics
from warmstart.evaluation.out_of_fold import predict_out_of_fold, with_out_of_fold
from warmstart.evaluation.robustness import answer_corrupted, robustness
from warmstart.evaluation.seed_metrics import seed_metrics
from warmstart.evaluation.unsure import find_unsure_limit, unsure_metrics
from warmstart.evaluation.write_predictions import write_out_of_fold, write_predictions, write_seed_predictions
from warmstart.files.digest import sha256_file
from warmstart.files.plain import replace_dir
from warmstart.records.evaluation import AsTrained, EvaluationMetrics
from warmstart.records.robustness import ROBUSTNESS, ROBUSTNESS_TABLE, CorruptedRow
from warmstart.runtime.devices import plan_device
from warmstart.serving.package import save_package

log = logging.getLogger(__name__)


def evaluate(config: EvaluateConfig, *, model_dir: Path, images_dir: Path, out_dir: Path) -> EvaluationMetrics:
    """Evaluate ``model_dir/model.ckpt`` on the validation and test images; write predictions, metrics and the packaged
    model.

    With folds, that is fold 0, whose network is packaged; ``test`` in metrics.json is then of all images, each
    predicted by the network of the fold that tests on it, and these predictions are written too.

    With several seeds, all is of the first, whose network is packaged; ``seeds`` in metrics.json has each metric of all
    of them, their mean, and its interval over images and over seeds. All seeds' predictions of the test images are
    written too.

    Temperature, threshold and the confidence below which an answer is unsure are found on validation images and are
    part of the package. ``test`` and all written
    predictions are of the packaged model; ``as_trained`` has the same metrics at temperature 1 and without a threshold.
    ``val`` is as trained, since temperature and threshold are optimistic there. All is computed in 32-bit floats, as
    the packaged model predicts, whatever the precision of the training. How long that takes is in speed.json: all other
    files are the same each time. ``options.robustness_images`` test images, with folds of fold 0, are predicted under
    corruptions too. Raises UserError.
    """
    options = config.evaluate
    model, store = load_fold_model(model_dir, images_dir)
    check_folds(model_dir, store)
    compute = replace(plan_device(config.trainer), precision="32-true")
    found = predict_and_calibrate(model, store, compute, options.batch_size, config.select_by)
    val_labels, test_labels = (found.logits[split].labels for split in EVALUATED_SPLITS)
    if options.unsure_error is not None:
        model.unsure = find_unsure_limit(found.shipped["val"], val_labels, options.unsure_error, options.confidence)
    metrics = EvaluationMetrics(
        val=split_metrics(found.as_trained["val"], val_labels, store.classes, options),
        val_is=messages.VAL_IS,
        test=split_metrics(found.shipped["test"], test_labels, store.classes, options),
        test_is=messages.TEST_IS,
        as_trained=AsTrained(split_metrics(found.as_trained["test"], test_labels, store.classes, options)),
        majority=majority_class(store.labels("train"), test_labels, store.classes, options.confidence),
        temperature=found.temperature,
        threshold=found.threshold,
        precision=compute.precision,
        device=compute.describe(),
        checkpoint=sha256_file(model_dir / "model.ckpt"),
        unsure=unsure_metrics(model.unsure, found.shipped["test"], test_labels, options.confidence)
        if model.unsure
        else None,
    )
    by_seed = {
        seed: predict_and_calibrate(own, images, compute, options.batch_size, config.select_by) if number else found
        for number, (seed, own, images) in enumerate(load_seed_models(model_dir, images_dir))
    }
    if by_seed:
        of_seeds = seed_metrics(list(by_seed), list(by_seed.values()), store.classes, options)
        metrics = replace(metrics, seeds=of_seeds)
    corrupted = None
    if options.robustness_images:
        sample = (found.shipped["test"], options.robustness_images, options.batch_size)
        corrupted = answer_corrupted(model, store, compute, *sample)
    pooled = None
    if store.folds > 1:
        pooled = predict_out_of_fold(found, model_dir, images_dir, compute, options.batch_size, config.select_by)
        metrics = with_out_of_fold(metrics, pooled, store.classes, options)
    with replace_dir(out_dir) as folder:
        if pooled:
            write_out_of_fold(folder, pooled.images, pooled.labels, pooled.shipped, pooled.fold)
        write_predictions(folder, [(found.logits[split], found.shipped[split]) for split in EVALUATED_SPLITS])
        if by_seed:
            parts = {seed: (one.logits["test"], one.shipped["test"]) for seed, one in by_seed.items()}
            write_seed_predictions(folder, parts)
        metrics.write(folder / "metrics.json")
        if corrupted:
            tested = robustness(corrupted, store.size, options.confidence, options.bootstrap)
            tested.write(folder / ROBUSTNESS)
            CorruptedRow.write_rows(folder / ROBUSTNESS_TABLE, corrupted.rows())
        found.speed.write(folder / "speed.json")
        save_package(model, folder / "package")
    log.info("%s", messages.summary_line(model.origin.recipe or "model", metrics))
    return metrics
