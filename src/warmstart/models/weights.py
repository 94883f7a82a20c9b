"""The pretrained weights of a backbone: from the embedded package, a file, or its authors."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from warmstart.config.weights_path import EMBEDDED, INSTEAD, weights_file
from warmstart.errors import UserError
from warmstart.models.backbone import Backbone
from warmstart.models.known_backbones import efficientnet_lite
from warmstart.models.stored import load_file

# What is put before the names of a state dictionary, and what is removed from them, until they are the trunk's.
PREFIXES = (("", ""), ("", "features."), ("net.", ""), ("", "trunk."), ("", "module."), ("", "backbone.trunk."))
PUBLISHED_TORCHVISION = {"vgg16": "VGG16_Weights", "resnet50": "ResNet50_Weights"}


def load_weights(backbone: Backbone, weights: str) -> None:
    """Load weights into a backbone: ``embedded``, ``published``, ``none`` or a .pth, .pt or .safetensors file.

    Raises UserError, which says what to do, for weights that are not available or do not fit.
    """
    if weights != "none":
        load_trunk_state_dict(backbone.trunk, *load_pretrained_state_dict(backbone.name, weights))


def load_pretrained_state_dict(name: str, weights: str) -> tuple[dict[str, torch.Tensor], str]:
    """The tensors of a backbone's whole network, with its classifier where there is one, and their origin in words.

    weights: ``embedded``, ``published`` or a file. Raises UserError for weights that are not available.
    """
    if weights == "published":
        return _published_state(name), f"the published weights of {name}"
    path = weights_file(name, weights)
    assert path is not None
    state = _read_state(path)
    if weights == "embedded":
        # The package has the same tensors in the same order, with other names.
        with torch.device("meta"):
            names = list(efficientnet_lite(name, n_classes=1).state_dict())
        if len(names) != len(state):
            raise UserError(f"{path} holds {len(state)} tensors; {name} has {len(names)}")
        state = dict(zip(names, state.values(), strict=True))
    return state, str(path)


def _read_state(path: Path) -> dict[str, torch.Tensor]:
    try:
        loaded = load_file(path)
    except UserError as error:
        raise UserError(f"{error}; or {INSTEAD}") from None
    for key in ("state_dict", "model"):
        if isinstance(loaded, dict) and isinstance(loaded.get(key), dict):
            loaded = loaded[key]
    if not isinstance(loaded, dict) or not all(isinstance(value, torch.Tensor) for value in loaded.values()):
        raise UserError(f"{path} is not a state dictionary of tensors: {INSTEAD}")
    state: dict[str, torch.Tensor] = loaded
    return state


def load_trunk_state_dict(trunk: nn.Module, state: dict[str, torch.Tensor], origin: str) -> None:
    """Load a state dictionary whose names may have a prefix, and which may hold a classifier that the trunk lacks.

    origin: for messages. Raises UserError if a tensor of the trunk is missing or has another shape.
    """
    needed = trunk.state_dict()
    for add, drop in PREFIXES:
        renamed = {add + key.removeprefix(drop): value for key, value in state.items()}
        missing = [key for key in needed if key not in renamed and not key.endswith("num_batches_tracked")]
        if not missing:
            break
    else:
        raise UserError(
            f"{origin} does not fit the backbone: {missing[0]!r} and {len(missing) - 1} more tensors are missing; "
            f"{INSTEAD}"
        )
    wrong = [key for key, value in needed.items() if key in renamed and renamed[key].shape != value.shape]
    if wrong:
        given, expected = (tuple(tensors[wrong[0]].shape) for tensors in (renamed, needed))
        raise UserError(f"{origin} does not fit the backbone: {wrong[0]!r} is {given}, not {expected}; {INSTEAD}")
    trunk.load_state_dict({key: renamed.get(key, value) for key, value in needed.items()})


def _published_state(backbone: str) -> dict[str, torch.Tensor]:
    """Download the authors' weights with torchvision or timm, which check them."""
    try:
        state: dict[str, torch.Tensor]
        if backbone in PUBLISHED_TORCHVISION:
            import torchvision.models

            enum = getattr(torchvision.models, PUBLISHED_TORCHVISION[backbone])
            state = enum.IMAGENET1K_V1.get_state_dict(progress=False, check_hash=True)
        else:
            import timm

            name = f"tf_{backbone}" if backbone in EMBEDDED else backbone
            state = timm.create_model(name, pretrained=True).state_dict()
    except Exception as error:
        raise UserError(
            f"the published weights of {backbone} cannot be fetched ({type(error).__name__}); {INSTEAD}"
        ) from None
    return state
