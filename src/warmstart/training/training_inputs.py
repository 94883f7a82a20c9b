"""What the result of a training depends on, by name: an interrupted training is gone on with only where all of it is the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from warmstart.config import unwatched
from warmstart.config.weights_path import weights_file
from warmstart.dataset.image_store import ImageStore
from warmstart.features.feature_cache import features_digest
from warmstart.files.digest import digest, sha256_file
from warmstart.runtime.devices import Compute
from warmstart.training.initial_model import FEATURE_PHASES, start_checkpoint

MadeOf = dict[str, dict[str, str]]
# Keys that cannot change a bit of the result: read by other stages, shown only, or places whose contents are among the inputs.
NEUTRAL = frozenset(
    {
        "data", "evaluate", "interpret", "tracking", "recipes", "titles", "out_dir", "init_from", "model_dir", "image",
        "schedule.name", "schedule.epochs_of", "schedule.lr_of", *unwatched.NEUTRAL,
    }
)  # fmt: skip
MOST = 4  # names in a line
SHORT = 24  # characters of a value that is shown


def made_of(
    config: Mapping[str, Any],
    store: ImageStore,
    compute: Compute,
    *,
    features_dir: Path,
    init_from: Path | None,
    made_with: Mapping[str, str],
) -> MadeOf:
    """Names with values or digests, in three groups: ``configuration``, ``inputs`` (what is read) and ``code`` (``made_with``).

    Raises UserError where a file of weights or a checkpoint to start from is missing.
    """
    settings = {key: json.dumps(value) for key, value in _leaves(config)}
    settings |= {
        "trainer.accelerator": compute.accelerator,
        "trainer.precision": compute.precision,
    }  # what auto means here
    inputs = {"the dataset": store.meta["dataset"], "the prepared images": store.digest}
    if "backbone" in config and (weights := weights_file(config["backbone"]["name"], config["backbone"]["weights"])):
        inputs["the backbone's weights"] = sha256_file(weights)
        del settings["backbone.weights"]  # a file is known by its content, wherever it is
    if config["recipe"]["phase"] in FEATURE_PHASES:
        inputs["the features"] = features_digest(features_dir, config["head"]["pool"])
    if init_from:
        starts = [sha256_file(start_checkpoint(config["recipe"], init_from, fold)) for fold in range(store.folds)]
        inputs["the checkpoint that it starts from"] = digest(starts)
    return {"configuration": settings, "inputs": inputs, "code": dict(made_with)}


def differences(before: MadeOf, now: MadeOf) -> list[str]:
    """The names that differ, code first; with both values where these are short."""
    found = []
    for group in ("code", "inputs", "configuration"):
        old, new = before.get(group, {}), now.get(group, {})
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                short = name in old and name in new and max(len(old[name]), len(new[name])) <= SHORT
                found.append(f"{name} ({old[name]}, now {new[name]})" if short else name)
    return found


def format_differences(names: list[str]) -> str:
    """The first few names, and how many there are besides."""
    return ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        name = f"{prefix}{key}"
        if name in NEUTRAL:
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value
