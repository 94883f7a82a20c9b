"""The page of a network's first layer: pictures and metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from warmstart.drawing.png import save_png
from warmstart.errors import UserError
from warmstart.files.plain import write_json
from warmstart.files.reading import read_array
from warmstart.interpretation.kernels.kernel_factors import draw_factors, factor_metrics, factorise_kernels
from warmstart.interpretation.kernels.kernel_images import change_metrics, draw_change, draw_kernels, kernel_changes
from warmstart.models.image_model import ImageModel
from warmstart.models.transfer import TransferNet

INITIAL_KERNELS = "first_conv_start.npy"
TRAINED = "The first layer was trained."
FROZEN = "The first layer was not trained: these are the backbone's kernels as they came."
UNKNOWN = "The first layer was trained; its weights before training were not kept."
NEITHER = "The network has neither a first convolution nor a dense layer on the pixels."
DENSE = "There is no convolution: each unit of the first dense layer is drawn as an image of the input's shape."


def write_kernels(model: ImageModel, recipe: str, model_dir: Path, folder: Path) -> dict[str, object]:
    """Write kernels.png, split.png, change.png and kernels.json into ``folder``; returns the metrics for the summary.

    A network without a convolution has its first dense layer's units in kernels.png, and no other picture; one with
    neither has kernels.json alone. Without ``first_conv_start.npy`` in ``model_dir`` there is no change.png. Raises
    UserError when that file is of another network, or when weights are not finite.
    """
    found = first_layer(model)
    if found is None:
        nothing: dict[str, object] = {"layer": None, "note": NEITHER}
        write_json(folder / "kernels.json", nothing)
        return nothing
    weights, convolution = found
    if not np.isfinite(weights).all():
        raise UserError(
            f"the first layer of {recipe} holds weights that are not numbers: its training diverged; "
            "train it with a lower rate"
        )
    shape = dict(zip(("kernels", "channels", "height", "width"), weights.shape, strict=True))
    if not convolution:
        save_png(draw_kernels(weights, f"{recipe}: first dense layer, no convolution", "units"), folder / "kernels.png")
        facts = {**shape, "layer": "dense", "note": DENSE}
        write_json(folder / "kernels.json", facts)
        return facts
    save_png(draw_kernels(weights, f"{recipe}: first-layer kernels"), folder / "kernels.png")
    factors = factorise_kernels(weights)
    before = _initial_kernels(model_dir / INITIAL_KERNELS, weights)
    note = TRAINED if before is not None else FROZEN if isinstance(model.network, TransferNet) else UNKNOWN
    save_png(draw_factors(weights, factors, f"{recipe}: colour, shape and nearest filter", note), folder / "split.png")
    changes = {}
    if before is not None:
        changes = kernel_changes(before, weights)
        title = f"{recipe}: first kernels before and after training"
        save_png(draw_change(before, weights, title), folder / "change.png")
    each = [
        {
            "kernel": i,
            "largest": float(np.abs(weights[i]).max()),
            **f.to_dict(),
            **{key: float(values[i]) for key, values in changes.items()},
        }
        for i, f in enumerate(factors)
    ]
    change = change_metrics(changes) if changes else None
    summary = {**shape, "layer": "convolution", **factor_metrics(factors), "note": note, "change": change}
    write_json(folder / "kernels.json", {**summary, "each": each})
    return summary


def first_layer(model: ImageModel) -> tuple[np.ndarray, bool] | None:
    """The weights of the layer on the pixels, float32 (K, C, h, w), and whether it is a convolution; None for neither.

    A dense layer's weights are reshaped to the input's shape.
    """
    conv: Any = getattr(model.network, "first_conv", None)
    if conv is not None:
        weights: np.ndarray = conv.weight.detach().float().cpu().numpy()
        return weights, True
    side, channels = model.preprocessing.size, model.preprocessing.channels
    for layer in model.network.modules():
        if isinstance(layer, nn.Linear) and layer.in_features == channels * side * side:
            return layer.weight.detach().float().cpu().numpy().reshape(-1, channels, side, side), False
    return None


def _initial_kernels(path: Path, weights: np.ndarray) -> np.ndarray | None:
    if not path.exists():
        return None
    before = read_array(path, 4)
    if before.shape != weights.shape:
        raise UserError(
            f"{path} holds kernels of shape {before.shape}, the network's are {weights.shape}: train the recipe again"
        )
    return before
