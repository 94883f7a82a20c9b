"""The ``train`` and ``fine_tune`` stages: one recipe from prepared images to a kept network and its books."""

from __future__ import annotations

import logging
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from warmstart.compute import resolve_compute
from warmstart.config.weights import weights_file
from warmstart.data.store import ImageStore
from warmstart.files import read_json, replace_dir, sha256_file, write_json, write_text
from warmstart.loading.feature_cache import load_features
from warmstart.models.layers import format_layer_table, layer_table
from warmstart.training.batch_norm_watch import BATCH_NORM_FILE
from warmstart.training.fit import fit
from warmstart.training.history import best_row, write_history
from warmstart.training.journal import Journal
from warmstart.training.observer import NoObserver, Observer
from warmstart.training.resume import resume_state
from warmstart.training.sizing import size_schedule
from warmstart.training.start import FEATURE_PHASES, Start, starting_model

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
) -> dict[str, Any]:
    """Train the recipe of ``config`` and write its ``model`` folder to ``out_dir``; returns the summary.

    run: what run.json shall say besides (kind, stage, git_commit, parent). state_root: where interrupted trainings are kept.
    Raises UserError; then, and when it is killed, a second call goes on where this one stopped.
    """
    store = ImageStore(images_dir)
    compute = resolve_compute(config["trainer"])
    start = starting_model(config, store, init_from)
    first = _first_weights(start)  # now: fitting, also one that goes on, changes them
    on_features = config["recipe"]["phase"] in FEATURE_PHASES
    if on_features and config["trainer"]["precision"] == "auto":
        # A head on vectors gains nothing from half precision, and a line search loses by it.
        compute = replace(compute, precision="32-true")
    arrays = {split: _arrays(config, store, features_dir, split, on_features) for split in ("train", "val")}
    sizes = size_schedule(config["schedule"], len(arrays["train"][1]), full_batch=config["optimizer"]["full_batch"])
    recipe = config["recipe"]["name"]
    log.info(
        "training %s on %d images of %s: %d epochs, batches of %d, %s on %s",
        recipe, len(arrays["train"][1]), store.meta["dataset"], sizes.epochs, sizes.batch_size, compute.precision, compute.describe(),
    )  # fmt: skip
    with resume_state(state_root, config, _inputs(config, store, start)) as state:
        if not (state / "run.json").exists():
            write_json(state / "run.json", _identity(config, store, start, run or {}))
            write_text(state / "config.yaml", yaml.safe_dump(dict(config), sort_keys=False))
        observer = observer or NoObserver()
        observer.started(state)
        tracked, status = None, "failed"
        try:
            journal = fit(
                start.model, arrays["train"], arrays["val"], config=config, sizes=sizes, compute=compute,
                state_dir=state, observer=observer, on_features=on_features,
            )  # fmt: skip
            status = "finished"
        finally:
            tracked = observer.ended(status)
        summary = _summary(config, start, journal, {s: len(a[1]) for s, a in arrays.items()}) | {
            "precision": compute.precision,
            "device": compute.describe(),
        }
        _write(out_dir, state, start, journal, summary, tracked, first)
    log.info("%s: kept epoch %d, validation accuracy %.3f", recipe, summary["kept_epoch"] + 1, summary["kept"]["val/acc"])
    return summary


def _first_weights(start: Start) -> np.ndarray | None:
    """The first convolution's weights, float32 (K, C, h, w), or None where there is no such layer or it does not learn."""
    conv: Any = getattr(start.model.network, "first_conv", None)
    if conv is None or not conv.weight.requires_grad:
        return None
    weights: np.ndarray = conv.weight.detach().float().cpu().numpy().copy()
    return weights


def _arrays(
    config: Mapping[str, Any], store: ImageStore, features_dir: Path, split: str, on_features: bool
) -> tuple[np.ndarray, np.ndarray]:
    inputs, labels = load_features(features_dir, config, store, split) if on_features else store.images(split), store.labels(split)
    overfit = config.get("debug", {}).get("overfit")
    if overfit:
        train_inputs = inputs if split == "train" else _arrays(config, store, features_dir, "train", on_features)[0]
        return train_inputs[:overfit], store.labels("train")[:overfit]
    return inputs, labels


def _inputs(config: Mapping[str, Any], store: ImageStore, start: Start) -> dict[str, str | None]:
    """Digests of what the training reads besides its configuration."""
    weights = weights_file(config["backbone"]["name"], config["backbone"]["weights"]) if "backbone" in config else None
    return {
        "images": store.digest,
        "weights": sha256_file(weights) if weights else None,
        "starts_from": start.starts_from["sha256"] if start.starts_from else None,
    }


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


def _summary(config: Mapping[str, Any], start: Start, journal: Journal, n: Mapping[str, int]) -> dict[str, Any]:
    rows, best = journal.rows, best_row(journal.rows)
    seconds = sum(row["time/epoch_s"] for row in rows)
    network = start.model.network
    return {
        "recipe": config["recipe"]["name"],
        "title": config["recipe"]["title"],
        "family": config["recipe"]["family"],
        "epochs": len(rows),
        "kept_epoch": int(best["epoch"]),
        "kept": best,
        "last": rows[-1],
        "parameters": {
            "total": sum(p.numel() for p in network.parameters()),
            "trainable": sum(p.numel() for p in network.parameters() if p.requires_grad),
        },
        "seconds": seconds,
        "images_per_s": float(np.median([row["time/images_per_s"] for row in rows])),
        "starts_from": start.starts_from,
        "n": dict(n),
    }


def _write(
    out_dir: Path, state: Path, start: Start, journal: Journal, summary: dict[str, Any], tracked: str | None, first: np.ndarray | None
) -> None:
    model = start.model.cpu()
    example = torch.zeros(1, model.preprocessing.size, model.preprocessing.size, model.preprocessing.channels, dtype=torch.uint8)
    table = layer_table(model.network, model.normalise(example))
    with replace_dir(out_dir) as folder:
        shutil.copyfile(journal.best_path, folder / "model.ckpt")
        write_history(folder / "history.csv", journal.rows)
        write_json(folder / "summary.json", summary)
        write_json(folder / "layers.json", table)
        write_text(folder / "layers.txt", format_layer_table(table))
        if first is not None:
            np.save(folder / "first_conv_start.npy", np.ascontiguousarray(first))
        shutil.copyfile(state / "config.yaml", folder / "config.yaml")
        if (state / BATCH_NORM_FILE).exists():
            shutil.copyfile(state / BATCH_NORM_FILE, folder / BATCH_NORM_FILE)
        write_json(folder / "run.json", {**read_json(state / "run.json"), "mlflow_run_id": tracked})
