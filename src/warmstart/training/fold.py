"""One of the trainings of a recipe, or the result that an interrupted run has left of it: of a fold, or of a seed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path

from warmstart.config.schema import Loss
from warmstart.config.selection import ACCURACY
from warmstart.config.stages import TrainConfig
from warmstart.config.views import CACHE_PHASES
from warmstart.dataset.datamodule import Arrays
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.row_array import RowArray
from warmstart.dataset.subset import nested_subset
from warmstart.features.feature_cache import load_features
from warmstart.files.digest import sha256_file
from warmstart.records.history import History
from warmstart.records.training_state import FinishedFold
from warmstart.records.training_summary import TrainingCounts
from warmstart.runtime.devices import DevicePlan
from warmstart.text.quantities import plural
from warmstart.training.batch_norm_monitor import BATCH_NORM_FILE
from warmstart.training.fit import FitOptions, fit
from warmstart.training.fold_state import FINISHED_FOLD_FILE, RESUME_FILE, best_name, clear_fold, find_damage
from warmstart.training.initial_model import Architecture, InitialModel, build_initial_model
from warmstart.training.lightning_module import LearningOptions
from warmstart.training.messages import FOLD_FINISHED, TRAINING
from warmstart.training.observer import Observer
from warmstart.training.parts import TrainingParts
from warmstart.training.repeats import Repeat
from warmstart.training.ridge import choose_ridge
from warmstart.training.schedule import resolve_schedule
from warmstart.training.state_folders import read_or_none
from warmstart.training.step_recorder import STEPS_FILE

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoldInputs:
    """What a fold is trained with. repeat: which of the trainings of the recipe. store: the view of the fold. train,
    val: inputs and labels. ridge: the penalty that was chosen; None where none was.
    """

    store: ImageStore
    initial: InitialModel
    train: Arrays
    val: Arrays
    options: FitOptions
    ridge: float | None = None
    repeat: Repeat = field(default_factory=Repeat)


@dataclass(frozen=True)
class FoldResult:
    """checkpoint: name of the best model's file in the fold's state. n: images that it was trained and validated on.
    ridge: the penalty that was chosen; None where none was.
    """

    history: History
    checkpoint: str
    n: TrainingCounts
    ridge: float | None = None


def prepare_fold(
    config: TrainConfig,
    parts: TrainingParts,
    plan: DevicePlan,
    store: ImageStore,
    features_dir: Path,
    init_from: Path | None,
    repeat: Repeat | None = None,
) -> FoldInputs:
    """Everything that the training of the store's fold needs. Raises UserError for what cannot be trained.

    repeat: which of the trainings of the recipe; None: the store's fold. Another seed than the first starts from the
    network of the same number beside ``init_from``.
    """
    repeat = repeat or Repeat(store.fold, store.folds)
    architecture, seed = Architecture(config.network, config.head, config.backbone), config.seed + repeat.seed_shift
    initial = build_initial_model(config.recipe, architecture, store, seed, init_from, repeat)
    train, val = (_load_arrays(config, store, features_dir, split) for split in ("train", "val"))
    train = _take_share(train, config.train_share, seed)
    if config.debug.overfit:
        train = val = (train[0][: config.debug.overfit], train[1][: config.debug.overfit])
    scheduler = config.scheduler.arguments if config.scheduler else {}
    options = FitOptions(
        LearningOptions(
            parts,
            config.param_groups,
            _loss(config, train, val, len(store.classes)),
            scheduler.get("interval", "epoch"),
            scheduler.get("monitor"),
        ),
        resolve_schedule(
            config.schedule, len(train[1]), full_batch=config.optimizer.full_batch, phase=config.recipe.phase
        ),
        plan,
        config.trainer,
        seed,
        full_batch=config.optimizer.full_batch,
        balance=config.balance,
        on_features=config.recipe.phase in CACHE_PHASES,
        max_batches=config.debug.batches,
        select_by=config.select_by,
    )
    ridge = None if config.loss.ridge is not None else options.learning.loss.ridge
    return FoldInputs(store, initial, train, val, options, ridge, repeat)


def train_fold(inputs: FoldInputs, state: Path, observer: Observer) -> FoldResult:
    """Train, from what ``state`` holds, and leave the best model and fold.json there. Raises UserError."""
    model, store, options = inputs.initial.model, inputs.store, inputs.options
    n = TrainingCounts(len(inputs.train[1]), len(inputs.val[1]))
    repeat = inputs.repeat
    which = f", {repeat.name} {repeat.number + 1} of {repeat.of}," if repeat.of > 1 else ""
    epochs, device = plural(options.schedule.epochs, "epoch"), options.device
    log.info(
        TRAINING, model.origin.recipe, which, n.train, store.prepared.dataset, epochs, options.schedule.batch_size,
        device.precision, device.describe(),
    )  # fmt: skip
    state.mkdir(parents=True, exist_ok=True)
    if (damaged := find_damage(state, model, options.select_by)) is not None:
        clear_fold(state, damaged)
    history = fit(model, inputs.train, inputs.val, options, state, observer, repeat)
    checkpoint = best_name(history.best.epoch)
    files = {
        name: sha256_file(state / name) for name in (checkpoint, BATCH_NORM_FILE, STEPS_FILE) if (state / name).exists()
    }
    FinishedFold(list(history.epochs), checkpoint, n, files, inputs.ridge).write(state / FINISHED_FOLD_FILE)
    (state / RESUME_FILE).unlink(missing_ok=True)
    model.cpu()
    return FoldResult(history, checkpoint, n, inputs.ridge)


def load_fold_result(state: Path, select_by: str = ACCURACY) -> FoldResult | None:
    """The result of a fold that an interrupted run had finished; None without one. A damaged one is removed.

    select_by: the metric that kept its epoch.
    """
    if not (state / FINISHED_FOLD_FILE).exists():
        return None
    fold = read_or_none(FinishedFold, state / FINISHED_FOLD_FILE)
    if fold is None:
        damaged = [FINISHED_FOLD_FILE]
    else:
        names = sorted({*fold.files, fold.kept})
        damaged = [name for name in names if not _is_intact(state / name, fold.files.get(name))]
    if fold is None or damaged:
        clear_fold(state, damaged[0])
        return None
    log.info(FOLD_FINISHED, state)
    return FoldResult(History(fold.rows, select_by), fold.kept, fold.n, fold.ridge)


def _is_intact(path: Path, sha256: str | None) -> bool:
    return path.is_file() and sha256_file(path) == sha256


def _loss(config: TrainConfig, train: Arrays, val: Arrays, n_classes: int) -> Loss:
    """The loss with a penalty; the one chosen on validation where the configuration leaves it open."""
    loss, balance = config.loss, config.balance
    if loss.ridge is not None:
        return loss
    balanced = balance.class_weights or balance.sampling != "natural"
    return replace(loss, ridge=choose_ridge(loss.ridge_grid or [], train, val, n_classes, balanced=balanced))


def _load_arrays(config: TrainConfig, store: ImageStore, features_dir: Path, split: str) -> Arrays:
    if config.recipe.phase not in CACHE_PHASES:
        return store.images(split), store.labels(split)
    assert config.backbone is not None and config.head is not None
    features = load_features(features_dir, config.backbone, config.head.pool, store, split)
    return features, store.labels(split)


def _take_share(arrays: Arrays, share: float, seed: int) -> Arrays:
    """A share of the training images, as ``nested_subset`` chooses it."""
    if share == 1:
        return arrays
    inputs, labels = arrays
    rows = nested_subset(labels, share, seed)
    return inputs.take(rows) if isinstance(inputs, RowArray) else inputs[rows], labels[rows]
