"""Grad-CAM without its final ReLU: where the evidence for and against a class lies."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from warmstart.dataset.row_array import Rows
from warmstart.errors import UserError
from warmstart.models.hooks import no_param_grad
from warmstart.runtime.progress import progress

METHOD = "gradcam"
TARGET = "log-odds of the predicted class"


def log_odds(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """The scalar that is explained, (N,): log(p / (1 - p)) of one class per image.

    What speaks for every class alike is evidence for none. The probability is not used: where it saturates, its
    gradient is 0 in float32. logits: (N, 1), above 0 for class 1, or (N, C). classes: int64 (N,).
    """
    if logits.shape[1] == 1:
        return logits[:, 0] * (2 * classes - 1)
    own = functional.one_hot(classes, logits.shape[1]).bool()
    return logits[own] - logits.masked_fill(own, float("-inf")).logsumexp(dim=1)


def predicted_classes(logits: torch.Tensor) -> torch.Tensor:
    """int64 (N,). logits: as in ``log_odds``."""
    return (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(dim=1)


def gradcam_maps(
    model: nn.Module,
    layer: nn.Module,
    images: torch.Tensor,
    classes: torch.Tensor,
    batch_size: int = 32,
    side: int | None = None,
) -> torch.Tensor:
    """Signed Grad-CAM maps, float32 (N, h, w) at the layer's resolution: above 0 for the class, below 0 against it.

    Also works inside ``torch.no_grad`` and ``torch.inference_mode``. model: an ImageModel in evaluation mode. layer: a
    module inside ``model.network`` whose output is (N, channels, h, w). images: uint8 (N, H, W, C), square. classes:
    int64 (N,), the class to explain. side: in pixels, to which images are resized before the network sees them; None:
    as they are.

    Raises UserError when the layer's output is not a map or the network's outputs are not finite, ValueError when the
    model is in training mode.
    Source: R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization",
    ICCV 2017, as implemented in Captum's LayerGradCam.
    """
    from captum.attr import LayerGradCam

    if model.training:
        raise ValueError("the model is in training mode, where a map depends on the other images of its batch")
    network: Any = model.network

    def target_odds(x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        odds = log_odds(check_finite(network(x).float()), target)
        # Where the logits do not depend on the layer at all the gradient is 0; autograd would complain.
        return odds if odds.requires_grad else odds.clone().requires_grad_()

    method = LayerGradCam(target_odds, layer)
    device = next(network.parameters()).device
    maps = []
    # Inference mode cannot be undone by enable_grad, and tensors made inside it need a clone. Without gradients of
    # parameters the backward pass ends at the layer and keeps nothing below it.
    with torch.inference_mode(False), torch.enable_grad(), no_param_grad(network):
        for start in range(0, len(images), batch_size):
            batch = images[start : start + batch_size].clone().to(device)
            target = classes[start : start + batch_size].clone().to(device)
            inputs = resize_inputs(model.normalise(batch).float(), side)  # type: ignore[operator]
            try:
                raw = method.attribute(
                    inputs, additional_forward_args=(target,), grad_kwargs={"materialize_grads": True}
                )
            except AssertionError:  # from Captum, where its hook saw nothing
                raise UserError(
                    "interpret.layer: no image passes this layer of the network: choose a convolution"
                ) from None
            # Images are square, so maps are: what is not has its channels last or is no map.
            if not isinstance(raw, torch.Tensor) or raw.ndim != 4 or raw.shape[2] != raw.shape[3]:
                shape = tuple(getattr(raw, "shape", ()))
                raise UserError(
                    f"interpret.layer: its output gives an explanation of shape {shape}, not maps: choose a convolution"
                )
            maps.append(check_finite(raw.detach()[:, 0].float().cpu()))
    return torch.cat(maps) if maps else torch.zeros(0, 1, 1)


def gradcam_of_rows(
    model: nn.Module,
    layer: nn.Module,
    images: Rows,
    rows: Sequence[int],
    classes: Sequence[int],
    batch_size: int,
    side: int | None = None,
) -> np.ndarray:
    """``gradcam_maps``, float32 (N, h, w), of some rows of a memory-mapped array, uint8 (M, H, W, C), by batches."""
    starts = range(0, len(rows), batch_size)
    maps = []
    for start in progress(starts, "maps", len(starts)):
        stop = start + batch_size
        photos = torch.from_numpy(np.stack([images[row] for row in rows[start:stop]]))
        target = torch.tensor(classes[start:stop], dtype=torch.int64)
        maps.append(gradcam_maps(model, layer, photos, target, batch_size, side).numpy())
    return np.concatenate(maps) if maps else np.zeros((0, 1, 1), dtype=np.float32)


def resize_inputs(inputs: torch.Tensor, side: int | None) -> torch.Tensor:
    """A network's inputs, float (N, C, H, W), as (N, C, side, side), bilinear. None, or their own side: as they are."""
    if side is None or side == inputs.shape[-1]:
        return inputs
    smaller = side < inputs.shape[-1]
    large = functional.interpolate(inputs, (side, side), mode="bilinear", align_corners=False, antialias=smaller)
    return large.contiguous(memory_format=torch.channels_last)


def check_finite(outputs: torch.Tensor) -> torch.Tensor:
    """``outputs``, or what is computed from them, unchanged. Raises UserError where they are NaN or infinite."""
    if not bool(torch.isfinite(outputs).all()):
        raise UserError(
            "the network's outputs are not numbers (NaN or infinite): its training went astray; train it again"
        )
    return outputs


def upsample(maps: np.ndarray, size: int) -> np.ndarray:
    """Maps, float32 (N, h, w), to (N, size, size): bilinear, each value at the centre of its cell."""
    if not len(maps):
        return np.zeros((0, size, size), dtype=np.float32)
    large = functional.interpolate(torch.from_numpy(maps)[:, None], (size, size), mode="bilinear", align_corners=False)
    return np.asarray(large[:, 0].numpy())


def positive_share(signed: np.ndarray) -> float | None:
    """How much of a map's mass (sum of absolute values) is positive, in [0, 1]; None for a map that is 0 everywhere."""
    mass = float(np.abs(signed).sum())
    return float(signed.clip(min=0).sum()) / mass if mass > 0 else None


def find_layer(network: nn.Module, name: str | None) -> tuple[str, nn.Module]:
    """The layer of that name, with its name; None: the network's ``cam_layer``, its last feature map.

    Raises UserError, listing near names, when there is no such layer, and when the network has no feature map.
    """
    modules = {path: module for path, module in network.named_modules() if path}
    if name is None:
        chosen: Any = network.cam_layer
        if chosen is None:
            raise UserError("the network has no convolution, so it has no map of where it looks")
        return next((path for path, module in modules.items() if module is chosen), type(chosen).__name__), chosen
    if name not in modules:
        near = get_close_matches(name, modules, n=5, cutoff=0.4) or list(modules)[-5:]
        raise UserError(f"interpret.layer is {name!r}, which the network does not have; near names: {', '.join(near)}")
    return name, modules[name]
