"""The ``train`` and ``fine_tune`` stages: one recipe from prepared images to a kept network and its books."""

from __future__ import annotations

import logging
import shutil
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from warmstart.dataset.image_store import ImageStore
from warmstart.files.plain import read_json, replace_dir, write_json, write_text
from warmstart.models.layers import format_layer_table, layer_table
from warmstart.runtime.devices import resolve_compute
from warmstart.runtime.interrupts import heard
from warmstart.training.batch_norm_monitor import BATCH_NORM_FILE
from warmstart.training.fold import Trained, load_fold_result, prepare_fold, train_fold
from warmstart.training.history import write_history
from warmstart.training.initial_model import FEATURE_PHASES, Start
from warmstart.training.observer import NoObserver, Observer
from warmstart.training.resume import resume_state
from warmstart.training.summary import fold_summary, summarise
from warmstart.training.training_inputs import made_of

log = logging.getLogger(__name__)


def train(
    config: Mapping[str, Any],
    *,
    images_dir: Path,
    features_dir: Path,
    out_dir: Path,
    state_root: Path,
    init_from: Path | None = None,
    run: Mapping[str, Any] | None = None,
    observer: Observer | None = None,
    made_with: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Train the recipe of ``config`` and write its ``model`` folder to ``out_dir``; returns the summary.

    With folds, it is trained once per fold, with the same seed: fold 0 into ``out_dir`` itself, as without folds, fold f into
    ``folds/<f>`` there. ``observer`` watches fold 0. ``folds/folds.json`` says how many there are, 1 without.

    init_from: the checkpoint to start from; fold f starts from the one in ``folds/<f>`` beside it.
    run: what run.json shall say besides (kind, stage, git_commit, parent). state_root: where interrupted trainings are kept.
    made_with: what the result depends on besides configuration and data: modules with their digests, libraries with their versions.
    Raises UserError; then, and when it is killed, a second call goes on where this one stopped, if all that its result depends on is the
    same. A finished training of the kinds dvc and sweep is written out again instead of trained again, see ``resume_state``.
    """
    store = ImageStore(images_dir)
    compute = resolve_compute(config["trainer"])
    ready = prepare_fold(config, store, features_dir, init_from)
    start = ready.start
    first = _first_weights(start)  # now: fitting, also one that goes on, changes them
    if config["recipe"]["phase"] in FEATURE_PHASES and config["trainer"]["precision"] == "auto":
        # A head on vectors gains nothing from half precision, and a line search loses by it.
        compute = replace(compute, precision="32-true")
    recipe = config["recipe"]["name"]
    contents = made_of(config, store, compute, features_dir=features_dir, init_from=init_from, made_with=made_with)
    with resume_state(state_root, contents, _identity(config, store, start, run or {}), config, out_dir) as state:
        observer = observer or NoObserver()
        observer.started(state)
        tracked, status = None, "failed"
        try:
            trained = [load_fold_result(state) or train_fold(config, ready, compute, state, observer)]
            for fold in range(1, store.folds):
                own = fold_folder(state, fold)
                done = load_fold_result(own)
                if done is None:
                    ready = prepare_fold(config, ImageStore(images_dir, fold), features_dir, init_from)
                    done = train_fold(config, ready, compute, own, NoObserver())
                trained.append(done)
            status = "finished"
        except BaseException as error:
            status = "killed" if heard(error) else "failed"
            raise
        finally:
            tracked = observer.ended(status)
        if tracked:
            write_json(state / "run.json", {**read_json(state / "run.json"), "mlflow_run_id": tracked})
        summary = summarise(config, start, trained) | {"precision": compute.precision, "device": compute.describe()}
        _write(out_dir, state, start, trained, summary, first)
    log.info(
        "%s: kept epoch %d, validation accuracy %.1f %%",
        recipe,
        summary["kept_epoch"],
        100 * summary["kept"]["val/acc"],
    )
    if store.folds > 1:
        log.info(
            "%s: validation accuracy %.1f %%, mean of %d folds",
            recipe,
            100 * summary["mean"]["kept"]["val/acc"],
            store.folds,
        )
    return summary


def fold_folder(folder: Path, fold: int) -> Path:
    """Where a fold other than the first is, below the folder of the first."""
    return folder / "folds" / str(fold)


def _first_weights(start: Start) -> np.ndarray | None:
    """The first convolution's weights, float32 (K, C, h, w), or None where there is no such layer or it does not learn."""
    conv: Any = getattr(start.model.network, "first_conv", None)
    if conv is None or not conv.weight.requires_grad:
        return None
    weights: np.ndarray = conv.weight.detach().float().cpu().numpy().copy()
    return weights


def _identity(config: Mapping[str, Any], store: ImageStore, start: Start, run: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "run_key": uuid.uuid4().hex,
        "mlflow_run_id": None,
        "recipe": config["recipe"]["name"],
        "family": config["recipe"]["family"],
        "dataset": store.meta["dataset"],
        "dataset_digest": store.digest,
        "starts_from": start.starts_from,
        "created": time.time(),
        "git_commit": None,
        "stage": "train",
        "parent": None,
        "kind": "hand",
        **run,
    }


def _write(
    out_dir: Path,
    state: Path,
    start: Start,
    trained: Sequence[Trained],
    summary: dict[str, Any],
    first: np.ndarray | None,
) -> None:
    model = start.model.cpu()
    example = torch.zeros(
        1, model.preprocessing.size, model.preprocessing.size, model.preprocessing.channels, dtype=torch.uint8
    )
    table = layer_table(model.network, model.normalise(example))
    with replace_dir(out_dir) as folder:
        shutil.copyfile(state / trained[0].kept, folder / "model.ckpt")
        write_history(folder / "history.csv", trained[0].rows)
        write_json(folder / "summary.json", summary)
        write_json(folder / "layers.json", table)
        write_text(folder / "layers.txt", format_layer_table(table))
        if first is not None:
            np.save(folder / "first_conv_start.npy", np.ascontiguousarray(first))
        shutil.copyfile(state / "config.yaml", folder / "config.yaml")
        if (state / BATCH_NORM_FILE).exists():
            shutil.copyfile(state / BATCH_NORM_FILE, folder / BATCH_NORM_FILE)
        shutil.copyfile(state / "run.json", folder / "run.json")
        write_json(folder / "folds" / "folds.json", {"folds": len(trained)})
        for number, fold in enumerate(trained[1:], 1):
            inside = fold_folder(folder, number)
            inside.mkdir()
            shutil.copyfile(fold_folder(state, number) / fold.kept, inside / "model.ckpt")
            write_history(inside / "history.csv", fold.rows)
            write_json(inside / "summary.json", fold_summary(number, fold))
