"""The ``train`` and ``fine_tune`` stages: one recipe, from prepared images to a trained model and its history."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from warmstart.config.schema import Recipe
from warmstart.config.stages import TrainConfig
from warmstart.config.views import CACHE_PHASES
from warmstart.dataset.image_store import ImageStore
from warmstart.records.run_identity import Ending, RunIdentity, RunKind, StartCheckpoint
from warmstart.records.training_summary import TrainingSummary
from warmstart.runtime.devices import DevicePlan, plan_device
from warmstart.runtime.interrupts import heard
from warmstart.training import messages
from warmstart.training.fold import FoldInputs, FoldResult, load_fold_result, prepare_fold, train_fold
from warmstart.training.model_folder import first_conv_weights, fold_folder, write_model_folder
from warmstart.training.observer import NoObserver, Observer
from warmstart.training.parts import TrainingParts
from warmstart.training.resume import resume_state
from warmstart.training.state_folders import RUN_FILE
from warmstart.training.summary import summarise
from warmstart.training.training_inputs import training_inputs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunSource:
    """What started a training. parent: the MLflow run of the sweep that it belongs to."""

    stage: str = "train"
    kind: RunKind = "hand"
    git_commit: str | None = None
    parent: str | None = None


def train(
    config: TrainConfig,
    parts: TrainingParts,
    *,
    images_dir: Path,
    features_dir: Path,
    out_dir: Path,
    state_root: Path,
    init_from: Path | None = None,
    source: RunSource | None = None,
    observer: Observer | None = None,
    made_with: Mapping[str, str] = MappingProxyType({}),
) -> TrainingSummary:
    """Train a recipe and write its ``model`` folder to ``out_dir``; returns the summary.

    With folds, it is trained once per fold, with the same seed: fold 0 into ``out_dir`` as without folds, fold f into
    ``folds/<f>`` there. ``observer`` is notified of fold 0. ``folds/folds.json`` has the number of folds.

    parts: what the option files of ``config`` name. init_from: the checkpoint to start from; fold f starts from that in
    ``folds/<f>`` beside it. state_root: the folder of interrupted trainings. made_with: digests of modules and versions
    of libraries that the result depends on.

    Raises UserError. After that, or when the process was killed, a second call with the same inputs resumes the
    training. A finished training of the kinds dvc and sweep is not repeated: its result is written again.
    """
    size = config.recipe.size
    store, plan = ImageStore(images_dir, size=size), plan_training(config)
    inputs = prepare_fold(config, parts, plan, store, features_dir, init_from)
    initial = inputs.initial
    initial_weights = first_conv_weights(initial.model)  # before training changes them
    depends_on = training_inputs(
        config, store, plan, features_dir=features_dir, init_from=init_from, made_with=made_with
    )
    identity = _new_run(config.recipe, store, initial.starts_from, source or RunSource())

    def prepare(fold: int) -> FoldInputs:
        if not fold:
            return inputs
        return prepare_fold(config, parts, plan, ImageStore(images_dir, fold, size=size), features_dir, init_from)

    with resume_state(state_root, depends_on, identity, config.plain, out_dir) as state:
        observer = observer or NoObserver()
        observer.started(state)
        status: Ending = "failed"
        try:
            folds = [_train_or_load(prepare, fold, state, observer) for fold in range(store.folds)]
            status = "finished"
        except BaseException as error:
            status = "killed" if heard(error) else "failed"
            raise
        finally:
            tracked = observer.ended(status)
        if tracked:
            replace(RunIdentity.read(state / RUN_FILE), mlflow_run_id=tracked).write(state / RUN_FILE)
        summary = summarise(config, initial, folds, plan)
        write_model_folder(out_dir, state, initial.model, folds, summary, initial_weights)
    log.info(messages.BEST_EPOCH, summary.recipe, summary.kept_epoch, 100 * summary.kept.val_acc)
    if summary.mean:
        log.info(messages.MEAN_OF_FOLDS, summary.recipe, 100 * summary.mean.kept.val_acc, store.folds)
    return summary


def plan_training(config: TrainConfig) -> DevicePlan:
    """Where and how precisely a recipe is trained. Raises UserError for what this machine does not have."""
    plan = plan_device(config.trainer)
    if config.recipe.phase in CACHE_PHASES and config.trainer.precision == "auto":
        # A head on vectors gains nothing from half precision, and a line search loses by it.
        return replace(plan, precision="32-true")
    return plan


def _train_or_load(prepare: Callable[[int], FoldInputs], fold: int, state: Path, observer: Observer) -> FoldResult:
    folder = fold_folder(state, fold) if fold else state
    result = load_fold_result(folder)
    return result or train_fold(prepare(fold), folder, NoObserver() if fold else observer)


def _new_run(recipe: Recipe, store: ImageStore, starts_from: StartCheckpoint | None, source: RunSource) -> RunIdentity:
    return RunIdentity(
        run_key=uuid.uuid4().hex,
        mlflow_run_id=None,
        recipe=recipe.name,
        family=recipe.family,  # type: ignore[arg-type] # checked with the configuration
        dataset=store.prepared.dataset,
        dataset_digest=store.digest,
        starts_from=starts_from,
        created=time.time(),
        git_commit=source.git_commit,
        stage=source.stage,
        parent=source.parent,
        kind=source.kind,
    )
