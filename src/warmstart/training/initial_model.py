"""The model that a recipe starts with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from warmstart.config.schema import Backbone, Head, Network, Recipe
from warmstart.config.target import Target
from warmstart.config.views import RANDOM_BACKBONE, WHOLE_PHASES, on_backbone
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.models.build import network_spec
from warmstart.models.checkpoint import load_model
from warmstart.models.image_model import ImageModel
from warmstart.models.normalisation import backbone_preprocessing, plain_preprocessing
from warmstart.models.transfer import TransferNet
from warmstart.models.weights import load_weights
from warmstart.records.packaged_model import ModelOrigin
from warmstart.records.run_identity import StartCheckpoint
from warmstart.training import messages
from warmstart.training.repeats import Repeat


@dataclass(frozen=True)
class Architecture:
    """What a recipe's network is made of: ``network``, or ``head`` and ``backbone``; nothing for fine-tuning."""

    network: Network | Target | None = None
    head: Head | None = None
    backbone: Backbone | None = None


@dataclass(frozen=True)
class InitialModel:
    """starts_from: the checkpoint that the weights are from; None for random or pretrained weights."""

    model: ImageModel
    starts_from: StartCheckpoint | None


def build_initial_model(
    recipe: Recipe,
    architecture: Architecture,
    store: ImageStore,
    seed: int,
    init_from: Path | None,
    repeat: Repeat | None = None,
) -> InitialModel:
    """Build a recipe's network; random weights are drawn from ``seed``.

    init_from: the checkpoint that a recipe with ``starts_from`` starts from; a fold or seed other than the first starts
    from that of the same number beside it. repeat: which of the trainings of the recipe; None: the store's fold. Raises
    UserError where it is missing or does not fit.
    """
    fold = store.fold if store.folds > 1 else None
    origin = ModelOrigin(recipe.name, recipe.family, store.prepared.dataset, store.digest, fold)
    torch.manual_seed(seed)
    if recipe.phase == "fine_tune":
        return _load_initial_model(recipe, store, init_from, origin, repeat or Repeat(store.fold, store.folds))
    if init_from is not None:
        raise UserError(messages.INIT_FROM_UNUSED.format(recipe.name))
    backbone = architecture.backbone if on_backbone(recipe.phase) else None
    network = architecture.head if backbone else architecture.network
    assert network is not None
    spec = network_spec(
        network,
        backbone=backbone.name if backbone else None,
        size=store.size,
        channels=store.channels,
        n_classes=len(store.classes),
        train_batch_norm=recipe.phase == RANDOM_BACKBONE,
    )
    preprocessing = backbone_preprocessing(backbone, store) if backbone else plain_preprocessing(store)
    model = ImageModel.build(spec, preprocessing, store.classes, origin)
    if backbone and recipe.phase != RANDOM_BACKBONE and isinstance(model.network, TransferNet):
        load_weights(model.network.backbone, backbone.weights)
    set_trainable(model.network, recipe)
    return InitialModel(model, None)


def set_trainable(network: nn.Module, recipe: Recipe) -> None:
    """Let the modules of a backbone learn that the recipe trains. Raises UserError for unknown names of modules."""
    if not isinstance(network, TransferNet):
        return
    if recipe.phase in WHOLE_PHASES:
        network.backbone.requires_grad_(True)
    elif recipe.phase == "fine_tune":
        network.backbone.unfreeze(recipe.unfreeze)


def start_checkpoint(recipe: Recipe, init_from: Path, repeat: Repeat) -> Path:
    """The checkpoint that a training of a recipe starts from: ``init_from``, or that of its fold or seed beside it.
    Raises UserError.
    """
    path = repeat.checkpoint(init_from)
    if path.is_file():
        return path
    missing = repeat.name if repeat.number and init_from.is_file() else None
    raise UserError(messages.no_start_checkpoint(path, recipe.starts_from, missing))


def _load_initial_model(
    recipe: Recipe, store: ImageStore, init_from: Path | None, origin: ModelOrigin, repeat: Repeat
) -> InitialModel:
    if init_from is None:
        raise UserError(messages.INIT_FROM_MISSING.format(recipe.name))
    path = start_checkpoint(recipe, init_from, repeat)
    loaded = load_model(path)
    if (loaded.classes, loaded.preprocessing.size) != (store.classes, store.size):
        raise UserError(
            messages.other_images(path, (loaded.preprocessing.size, store.size), (loaded.classes, store.classes))
        )
    theirs = loaded.origin
    if store.folds > 1 and (theirs.dataset_digest, theirs.fold) != (store.digest, store.fold):
        raise UserError(messages.other_fold(path, store.fold, recipe.starts_from))
    if not isinstance(loaded.network, TransferNet):
        raise UserError(messages.NO_BACKBONE.format(path))
    set_trainable(loaded.network, recipe)
    model = ImageModel(loaded.network, loaded.network_spec, loaded.preprocessing, loaded.classes, origin)
    return InitialModel(model, StartCheckpoint(theirs.recipe, str(path), sha256_file(path)))
