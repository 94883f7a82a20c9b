"""One fold's training, or, where an interrupted run had finished it, what that left. Without folds there is one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.row_array import Rows
from warmstart.errors import UserError
from warmstart.features.feature_cache import load_features
from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json, write_json
from warmstart.runtime.devices import Compute
from warmstart.runtime.progress import spell_epochs
from warmstart.training.batch_norm_monitor import BATCH_NORM_FILE
from warmstart.training.fit import Arrays, fit
from warmstart.training.fold_state import DONE, empty_fold, why_not_resume
from warmstart.training.history import Row
from warmstart.training.initial_model import FEATURE_PHASES, Start, build_initial_model
from warmstart.training.observer import Observer
from warmstart.training.schedule import Sizes, resolve_schedule

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trained:
    """rows: of its history. kept: the name of its checkpoint in its state. n: images it trained and validated on."""

    rows: list[Row]
    kept: str
    n: dict[str, int]


@dataclass(frozen=True)
class Ready:
    """What a fold's training takes. store: the view of the fold. arrays: inputs and labels by split."""

    store: ImageStore
    start: Start
    arrays: dict[str, Arrays]
    sizes: Sizes


def prepare_fold(config: Mapping[str, Any], store: ImageStore, features_dir: Path, init_from: Path | None) -> Ready:
    """Get the training of the store's fold ready. Raises UserError for what cannot be trained, before anybody is told of it."""
    start = build_initial_model(config, store, init_from)
    arrays = {split: _arrays(config, store, features_dir, split) for split in ("train", "val")}
    return Ready(
        store,
        start,
        arrays,
        resolve_schedule(config["schedule"], len(arrays["train"][1]), full_batch=config["optimizer"]["full_batch"]),
    )


def train_fold(config: Mapping[str, Any], ready: Ready, compute: Compute, state: Path, observer: Observer) -> Trained:
    """Train, going on from what ``state`` holds, and leave the kept network and a mark there. Raises UserError."""
    store, start, sizes = ready.store, ready.start, ready.sizes
    n = {split: len(labels) for split, (_, labels) in ready.arrays.items()}
    which = f", fold {store.fold + 1} of {store.folds}," if store.folds > 1 else ""
    log.info(
        "training %s%s on %d images of %s: %s, batches of %d, %s on %s",
        config["recipe"]["name"], which, n["train"], store.meta["dataset"], spell_epochs(sizes.epochs), sizes.batch_size, compute.precision,
        compute.describe(),
    )  # fmt: skip
    state.mkdir(parents=True, exist_ok=True)
    if (why := why_not_resume(state, start.model)) is not None:
        empty_fold(state, why)
    journal = fit(
        start.model, ready.arrays["train"], ready.arrays["val"], config=config, sizes=sizes, compute=compute, state_dir=state,
        observer=observer, on_features=config["recipe"]["phase"] in FEATURE_PHASES, fold=(store.fold, store.folds),
    )  # fmt: skip
    trained = Trained(journal.rows, journal.best_path.name, n)
    files = {name: sha256_file(state / name) for name in (trained.kept, BATCH_NORM_FILE) if (state / name).exists()}
    write_json(state / DONE, asdict(trained) | {"files": files})
    (state / "last.ckpt").unlink(missing_ok=True)
    start.model.cpu()
    return trained


def load_fold_result(state: Path) -> Trained | None:
    """What a fold left that an interrupted run had finished; None where there is none, or where it is damaged, which is then removed."""
    if not (state / DONE).exists():
        return None
    try:
        done = read_json(state / DONE)
        files = done.pop("files")
        trained = Trained(**done)
        damaged = [
            name
            for name in {*files, trained.kept}
            if not (state / name).is_file() or sha256_file(state / name) != files[name]
        ]
    except (UserError, AttributeError, KeyError, TypeError):
        damaged = [DONE]
    if damaged:
        empty_fold(state, damaged[0])
        return None
    log.info("%s holds a finished fold: it is not trained again", state)
    return trained


def _arrays(config: Mapping[str, Any], store: ImageStore, features_dir: Path, split: str) -> tuple[Rows, np.ndarray]:
    on_features = config["recipe"]["phase"] in FEATURE_PHASES
    inputs, labels = (
        load_features(features_dir, config, store, split) if on_features else store.images(split),
        store.labels(split),
    )
    overfit = config.get("debug", {}).get("overfit")
    if overfit:
        train_inputs = inputs if split == "train" else _arrays(config, store, features_dir, "train")[0]
        return train_inputs[:overfit], store.labels("train")[:overfit]
    return inputs, labels
