"""Where a backbone's trained weights come from: the embedded package, a file, or what its authors publish."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from warmstart.config.weights_path import INSTEAD, weights_file
from warmstart.errors import UserError
from warmstart.models.backbone import Backbone
from warmstart.models.known_backbones import efficientnet_lite0
from warmstart.models.stored import load_file

PUBLISHED_TORCHVISION = {"vgg16": "VGG16_Weights", "resnet50": "ResNet50_Weights"}


def load_weights(backbone: Backbone, weights: str) -> None:
    """Fill a backbone's trunk: ``embedded``, ``published``, ``none`` or the path of a .pth, .pt or .safetensors file.

    Raises UserError, naming what to do, when they cannot be had or do not fit.
    """
    if weights != "none":
        fit_state(backbone.trunk, *whole_state(backbone.name, weights))


def whole_state(name: str, weights: str) -> tuple[dict[str, torch.Tensor], str]:
    """The tensors of a backbone's whole network, classifier and all where they have it, and where they are from.

    weights: ``embedded``, ``published`` or a file. Raises UserError, naming what to do, when they cannot be had.
    """
    if weights == "published":
        return _published_state(name), f"the published weights of {name}"
    path = weights_file(name, weights)
    assert path is not None
    state = _read_state(path)
    if weights == "embedded":
        # The package numbers its tensors in the same order but names them differently.
        with torch.device("meta"):
            names = list(efficientnet_lite0(n_classes=1).state_dict())
        if len(names) != len(state):
            raise UserError(f"{path} holds {len(state)} tensors; EfficientNet-Lite0 has {len(names)}")
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


def fit_state(trunk: nn.Module, state: dict[str, torch.Tensor], where: str) -> None:
    """Load a state dictionary whose names may carry a prefix and a classifier that the trunk does not have.

    Raises UserError when a tensor that the trunk needs is missing or of another shape.
    """
    needed = trunk.state_dict()
    for add, drop in (
        ("", ""),
        ("", "features."),
        ("net.", ""),
        ("", "trunk."),
        ("", "module."),
        ("", "backbone.trunk."),
    ):
        renamed = {add + key.removeprefix(drop): value for key, value in state.items()}
        missing = [key for key in needed if key not in renamed and not key.endswith("num_batches_tracked")]
        if not missing:
            break
    else:
        raise UserError(
            f"{where} does not fit the backbone: {missing[0]!r} and {len(missing) - 1} more tensors are missing; {INSTEAD}"
        )
    wrong = [key for key, value in needed.items() if key in renamed and renamed[key].shape != value.shape]
    if wrong:
        raise UserError(
            f"{where} does not fit the backbone: {wrong[0]!r} is {tuple(renamed[wrong[0]].shape)}, not {tuple(needed[wrong[0]].shape)}; {INSTEAD}"
        )
    trunk.load_state_dict({key: renamed.get(key, value) for key, value in needed.items()})


def _published_state(backbone: str) -> dict[str, torch.Tensor]:
    """Fetch what the authors publish, through the library that knows where it is and checks it."""
    try:
        state: dict[str, torch.Tensor]
        if backbone in PUBLISHED_TORCHVISION:
            import torchvision.models

            enum = getattr(torchvision.models, PUBLISHED_TORCHVISION[backbone])
            state = enum.IMAGENET1K_V1.get_state_dict(progress=False, check_hash=True)
        else:
            import timm

            name = "tf_efficientnet_lite0" if backbone == "efficientnet_lite0" else backbone
            state = timm.create_model(name, pretrained=True).state_dict()
    except Exception as error:
        raise UserError(
            f"the published weights of {backbone} cannot be fetched ({type(error).__name__}); {INSTEAD}"
        ) from None
    return state
