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
from warmstart.config.selection import SELECTABLE
from warmstart.config.stages import TrainConfig
from warmstart.config.views import CACHE_PHASES
from warmstart.dataset.image_store import ImageStore
from warmstart.records.run_identity import Ending, RunIdentity, RunKind, StartCheckpoint
from warmstart.records.training_summary import TrainingSummary
from warmstart.runtime.devices import DevicePlan, plan_device
from warmstart.runtime.interrupts import heard
from warmstart.training import messages
from warmstart.training.fold import FoldInputs, FoldResult, load_fold_result, prepare_fold, train_fold
from warmstart.training.model_folder import first_conv_weights, write_model_folder
from warmstart.training.observer import NoObserver, Observer
from warmstart.training.parts import TrainingParts
from warmstart.training.repeats import Repeat, repeats
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
    ``folds/<f>`` there. With several seeds, it is trained once per seed on the same images: with ``config.seed`` into
    ``out_dir`` as with one seed, with the s-th seed after it into ``seeds/<s>``. ``observer`` is notified of the first.
    ``folds/folds.json`` says how many there are.

    parts: what the option files of ``config`` name. init_from: the checkpoint to start from; fold f starts from that in
    ``folds/<f>`` beside it, seed s from that in ``seeds/<s>``. state_root: the folder of interrupted trainings.
    made_with: digests of modules and versions of libraries that the result depends on.

    Raises UserError. After that, or when the process was killed, a second call with the same inputs resumes the
    training. A finished training of the kinds dvc and sweep is not repeated: its result is written again.
    """
    size = config.recipe.size
    store, plan = ImageStore(images_dir, size=size), plan_training(config)
    every = repeats(config.seed, config.seeds, store.folds)
    inputs = prepare_fold(config, parts, plan, store, features_dir, init_from, every[0])
    initial = inputs.initial
    initial_weights = first_conv_weights(initial.model)  # before training changes them
    depends_on = training_inputs(
        config, store, plan, features_dir=features_dir, init_from=init_from, made_with=made_with
    )
    identity = _new_run(config.recipe, store, initial.starts_from, source or RunSource())

    def prepare(repeat: Repeat) -> FoldInputs:
        if not repeat.number:
            return inputs
        view = ImageStore(images_dir, repeat.fold, size=size)
        return prepare_fold(config, parts, plan, view, features_dir, init_from, repeat)

    with resume_state(state_root, depends_on, identity, config.plain, out_dir) as state:
        observer = observer or NoObserver()
        observer.started(state)
        status: Ending = "failed"
        try:
            trainings = {repeat: _train_or_load(prepare, repeat, state, observer, config.select_by) for repeat in every}
            status = "finished"
        except BaseException as error:
            status = "killed" if heard(error) else "failed"
            raise
        finally:
            tracked = observer.ended(status)
        if tracked:
            replace(RunIdentity.read(state / RUN_FILE), mlflow_run_id=tracked).write(state / RUN_FILE)
        summary = summarise(config, initial, list(trainings.values()), plan, every[0].kind)
        write_model_folder(out_dir, state, initial.model, trainings, summary, initial_weights)
    metric = SELECTABLE[config.select_by]
    kept = metric.text(summary.kept.score(config.select_by))
    log.info(messages.BEST_EPOCH, summary.recipe, summary.kept_epoch, metric.title, kept)
    if summary.mean:
        mean = metric.text(summary.mean.kept.score(config.select_by))
        log.info(messages.MEAN_OF_REPEATS, summary.recipe, metric.title, mean, len(every), every[0].kind)
    return summary


def plan_training(config: TrainConfig) -> DevicePlan:
    """Where and how precisely a recipe is trained. Raises UserError for what this machine does not have."""
    plan = plan_device(config.trainer)
    if config.recipe.phase in CACHE_PHASES and config.trainer.precision == "auto":
        # A head on vectors gains nothing from half precision, and a line search loses by it.
        return replace(plan, precision="32-true")
    return plan


def _train_or_load(
    prepare: Callable[[Repeat], FoldInputs], repeat: Repeat, state: Path, observer: Observer, select_by: str
) -> FoldResult:
    folder = repeat.folder(state)
    result = load_fold_result(folder, select_by)
    return result or train_fold(prepare(repeat), folder, NoObserver() if repeat.number else observer)


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
