"""Training the points of a learning curve and predicting the test images; what is finished is not trained again."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from warmstart.comparison.learning_curve.messages import POINT_FINISHED, POINTS_KEPT
from warmstart.comparison.learning_curve.points import Point
from warmstart.config.stages import TrainConfig
from warmstart.dataset.datamodule import ImageDataModule
from warmstart.dataset.image_store import ImageStore
from warmstart.evaluation.predictions import predict_logits
from warmstart.files.aside import clear_below
from warmstart.files.plain import replace_dir
from warmstart.models.checkpoint import load_model
from warmstart.records.learning_curve import PointRecord
from warmstart.records.training_state import TrainingInputs
from warmstart.runtime.progress import progress
from warmstart.training.parts import TrainingParts
from warmstart.training.state_folders import MAX_AGE_DAYS, SECONDS_PER_DAY, read_or_none
from warmstart.training.train_recipe import RunSource, plan_training, train
from warmstart.training.training_inputs import inputs_digest, training_inputs

log = logging.getLogger(__name__)
POINT_FILE, PROBABILITIES_FILE, MODEL_FOLDER = "point.json", "probabilities.npy", "model"
CHECKPOINT = f"{MODEL_FOLDER}/model.ckpt"


@dataclass(frozen=True)
class Training:
    """A training as `train` takes it. stage: train or fine_tune. made_with: code and libraries."""

    config: TrainConfig
    parts: TrainingParts
    stage: str
    made_with: Mapping[str, str]


@dataclass(frozen=True)
class Places:
    """Where the prepared images, the cached features, interrupted trainings and finished points are."""

    images: Path
    features: Path
    state: Path
    finished: Path


@dataclass(frozen=True)
class FinishedPoint:
    """probabilities: of the test images, float32 (N, classes), at temperature 1."""

    record: PointRecord
    probabilities: np.ndarray


def train_points(
    points: Sequence[Point], make: Callable[[Point], Training], places: Places
) -> dict[tuple[str, float, int], FinishedPoint]:
    """Train what is not finished; returns all points by their keys.

    points: each after the one that it starts from. make: the training of a point. A finished point is kept in a folder
    of ``places.finished`` that is named by the digest of all that it depends on; its network only until all points are
    finished that start from it. Networks that other calls have left for ``MAX_AGE_DAYS``, interrupted and not given
    again, are removed. Raises UserError; after that, and after an interrupt, a second call resumes.
    """
    _forget_left_models(places.finished)
    folders = _folders(points, make, places)
    missing = {point.key for point in points if not _is_finished(folders[point.key])}
    if kept := len(points) - len(missing):
        log.info(POINTS_KEPT, kept, len(points), places.finished)
    waiting = {point.start for point in points if point.key in missing and point.start}
    to_train = [
        point
        for point in points
        if point.key in missing or (point.key in waiting and not (folders[point.key] / CHECKPOINT).is_file())
    ]
    for point in progress(to_train, "learning curve", len(to_train)):
        start = folders[point.start] / CHECKPOINT if point.start else None
        _train_point(point, make(point), places, folders[point.key], start)
    found = {point.key: _load(folders[point.key]) for point in points}
    for folder in folders.values():
        _forget_model(folder)
    return found


def _folders(
    points: Sequence[Point], make: Callable[[Point], Training], places: Places
) -> dict[tuple[str, float, int], Path]:
    """The folder of each point, by its key."""
    found: dict[tuple[str, float, int], Path] = {}
    for point in points:
        inputs = _inputs(make(point), places)
        if point.start:  # by its own digest, since its checkpoint is gone once all that start from it are finished
            start = {"the point that it starts from": found[point.start].name}
            inputs = replace(inputs, inputs={**inputs.inputs, **start})
        found[point.key] = places.finished / inputs_digest(inputs, "learning_curve")[:16]
    return found


def _inputs(training: Training, places: Places) -> TrainingInputs:
    config = training.config
    store, plan = ImageStore(places.images, size=config.recipe.size), plan_training(config)
    return training_inputs(
        config, store, plan, features_dir=places.features, init_from=None, made_with=training.made_with
    )


def _is_finished(folder: Path) -> bool:
    return read_or_none(PointRecord, folder / POINT_FILE) is not None and (folder / PROBABILITIES_FILE).is_file()


def _train_point(point: Point, training: Training, places: Places, folder: Path, start: Path | None) -> None:
    config = training.config
    with replace_dir(folder) as aside:
        with _quiet():
            summary = train(
                config,
                training.parts,
                images_dir=places.images,
                features_dir=places.features,
                out_dir=aside / MODEL_FOLDER,
                state_root=places.state,
                init_from=start,
                source=RunSource(training.stage),
                made_with=training.made_with,
            )
        probabilities = _predict(config, aside / CHECKPOINT, places.images)
        np.save(aside / PROBABILITIES_FILE, probabilities)
        PointRecord(
            recipe=point.recipe,
            share=point.share,
            n=summary.n.train,
            seed=point.seed,
            epochs=summary.epochs,
            kept_epoch=summary.kept_epoch,
            images_seen=summary.images_seen,
            seconds=summary.seconds,
        ).write(aside / POINT_FILE)
    log.info(POINT_FINISHED, point.recipe, summary.n.train, point.seed, 100 * summary.kept.val_acc)


def _predict(config: TrainConfig, checkpoint: Path, images: Path) -> np.ndarray:
    """Probabilities of the test images, float32 (N, classes), at temperature 1."""
    model = load_model(checkpoint)
    data = ImageDataModule(ImageStore(images, size=model.preprocessing.size))
    data.setup("test")
    plan = replace(plan_training(config), precision="32-true")  # as a packaged model predicts
    logits = predict_logits(model, data.test_dataloader(), plan)
    array: np.ndarray = model.probabilities(logits).float().cpu().numpy()
    return array


def _load(folder: Path) -> FinishedPoint:
    return FinishedPoint(PointRecord.read(folder / POINT_FILE), np.load(folder / PROBABILITIES_FILE))


def _forget_model(folder: Path) -> None:
    (folder / CHECKPOINT).unlink(missing_ok=True)  # first, for that is what says that there is a network
    shutil.rmtree(folder / MODEL_FOLDER, ignore_errors=True)


def _forget_left_models(finished: Path) -> None:
    clear_below(finished)
    for checkpoint in finished.glob(f"*/{CHECKPOINT}"):
        if time.time() - checkpoint.stat().st_mtime > MAX_AGE_DAYS * SECONDS_PER_DAY:
            _forget_model(checkpoint.parents[1])


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the lines that each training logs of its epochs."""
    training = logging.getLogger("warmstart.training")
    level = training.level
    training.setLevel(logging.WARNING)
    try:
        yield
    finally:
        training.setLevel(level)
