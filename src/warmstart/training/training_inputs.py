"""Everything that a training's result depends on. An interrupted training is resumed only if all of it is equal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from warmstart.config import unwatched
from warmstart.config.flatten import flatten
from warmstart.config.stages import TrainConfig
from warmstart.config.views import CACHE_PHASES, RANDOM_BACKBONE
from warmstart.config.weights_path import weights_file
from warmstart.dataset.image_store import ImageStore
from warmstart.features.feature_cache import cache_folder, features_digest
from warmstart.files.digest import digest, sha256_file
from warmstart.records.training_state import TrainingInputs
from warmstart.runtime.devices import DevicePlan
from warmstart.training.initial_model import start_checkpoint
from warmstart.training.repeats import repeats

# Keys and groups that cannot change the result: read by other stages, only shown, or paths whose content is an input.
NEUTRAL = frozenset(
    {
        "data", "evaluate", "interpret", "lr_find", "tracking", "sizes", "backbone.size", "recipes", "titles",
        "out_dir", "init_from", "learning_curve", "learning_curves", "model_dir", "image", "schedule.name",
        "schedule.epochs_of", "schedule.lr_of", *unwatched.NEUTRAL,
    }
)  # fmt: skip
MAX_VALUE_CHARACTERS = 24  # longer values are not shown


def training_inputs(
    config: TrainConfig,
    store: ImageStore,
    plan: DevicePlan,
    *,
    features_dir: Path,
    init_from: Path | None,
    made_with: Mapping[str, str],
) -> TrainingInputs:
    """The settings, files and code of a training, by name. made_with: digests of modules and versions of libraries.

    Raises UserError for a missing file of weights, or a missing checkpoint to start from.
    """
    values = {key: json.dumps(value) for key, value in flatten(config.plain).items() if not _is_neutral(key)}
    values |= {"trainer.accelerator": plan.accelerator, "trainer.precision": plan.precision}  # without auto
    files = {"the dataset": store.prepared.dataset, "the prepared images": store.pixels_digest}
    if config.recipe.phase == RANDOM_BACKBONE:
        values.pop("backbone.weights", None)
    elif config.backbone and (weights := weights_file(config.backbone.name, config.backbone.weights)):
        files["the backbone's weights"] = sha256_file(weights)
        del values["backbone.weights"]  # a file is identified by its content, wherever it is
    if config.recipe.phase in CACHE_PHASES:
        assert config.head is not None
        files["the features"] = features_digest(cache_folder(features_dir, store), config.head.pool)
    if init_from:
        every = repeats(config.seed, config.seeds, store.folds)
        starts = [sha256_file(start_checkpoint(config.recipe, init_from, repeat)) for repeat in every]
        files["the checkpoint that it starts from"] = digest(starts)
    return TrainingInputs(values, files, dict(made_with))


def differences(before: TrainingInputs | None, now: TrainingInputs) -> list[str]:
    """The names that differ, code first, with both values where these are short."""
    found = []
    for group in ("code", "inputs", "configuration"):
        old, new = getattr(before, group, {}), getattr(now, group)
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                both = name in old and name in new
                short = both and max(len(old[name]), len(new[name])) <= MAX_VALUE_CHARACTERS
                found.append(f"{name} ({old[name]}, now {new[name]})" if short else name)
    return found


def inputs_digest(inputs: TrainingInputs, kind: str) -> str:
    """A digest of all inputs and of the kind of run, 64 hex digits."""
    return digest({"kind": kind, "made_of": asdict(inputs)})


def _is_neutral(key: str) -> bool:
    return any(key == neutral or key.startswith(f"{neutral}.") for neutral in NEUTRAL)
