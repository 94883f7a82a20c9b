"""The page of a network's first layer: pictures and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from warmstart.drawing.png import save_png
from warmstart.errors import UserError
from warmstart.files.plain import write_json
from warmstart.files.reading import read_array
from warmstart.interpretation.kernels.change import change_figures, draw_change, kernel_changes
from warmstart.interpretation.kernels.picture import draw_kernels
from warmstart.interpretation.kernels.split import draw_split, split_figures, split_kernels
from warmstart.models.image_model import ImageModel
from warmstart.models.transfer import TransferNet

START = "first_conv_start.npy"
FROZEN = "The first layer was not trained: these are the backbone's kernels as they came."
UNKNOWN = "The first layer was trained; its weights before training were not kept."
DENSE = "There is no convolution: each unit of the first dense layer is drawn as an image of the input's shape."


def write_kernels(model: ImageModel, recipe: str, model_dir: Path, folder: Path) -> dict[str, Any]:
    """Write kernels.png, split.png, change.png and kernels.json into ``folder``; returns the headline figures.

    model_dir: where training left ``first_conv_start.npy`` when the first convolution learned; without it there is no
    change.png. A network without a convolution has its first dense layer's units in kernels.png, and no other picture.
    Raises UserError when that file is of another network, or when weights are not numbers.
    """
    weights, convolution = first_layer(model)
    if not np.isfinite(weights).all():
        raise UserError(
            f"the first layer of {recipe} holds weights that are not numbers: its training diverged; train it with a lower rate"
        )
    shape = dict(zip(("kernels", "channels", "height", "width"), weights.shape, strict=True))
    if not convolution:
        save_png(draw_kernels(weights, f"{recipe}: first dense layer, no convolution", "units"), folder / "kernels.png")
        facts = {**shape, "layer": "dense", "note": DENSE}
        write_json(folder / "kernels.json", facts)
        return facts
    save_png(draw_kernels(weights, f"{recipe}: first-layer kernels"), folder / "kernels.png")
    splits = split_kernels(weights)
    each: list[dict[str, Any]] = [
        {"kernel": i, "largest": float(np.abs(weights[i]).max()), **s.to_dict()} for i, s in enumerate(splits)
    ]
    figures = {**shape, "layer": "convolution", **split_figures(splits)}
    before = _start(model_dir / START, weights)
    remark = (
        "The first layer was trained."
        if before is not None
        else FROZEN
        if isinstance(model.network, TransferNet)
        else UNKNOWN
    )
    figures["note"] = remark
    save_png(draw_split(weights, splits, f"{recipe}: colour, shape and nearest filter", remark), folder / "split.png")
    if before is None:
        figures["change"] = None
    else:
        changes = kernel_changes(before, weights)
        each = [{**kernel, **change} for kernel, change in zip(each, changes, strict=True)]
        figures["change"] = change_figures(changes)
        save_png(
            draw_change(before, weights, f"{recipe}: first kernels before and after training"), folder / "change.png"
        )
    write_json(folder / "kernels.json", {**figures, "each": each})
    return figures


def first_layer(model: ImageModel) -> tuple[np.ndarray, bool]:
    """The weights of the layer that sees the pixels, float32 (K, C, h, w), and whether it is a convolution; a dense layer's are
    reshaped to the input's shape. Raises ValueError for a network with neither.
    """
    conv: Any = getattr(model.network, "first_conv", None)
    if conv is not None:
        weights: np.ndarray = conv.weight.detach().float().cpu().numpy()
        return weights, True
    side, channels = model.preprocessing.size, model.preprocessing.channels
    for layer in model.network.modules():
        if isinstance(layer, nn.Linear) and layer.in_features == channels * side * side:
            return layer.weight.detach().float().cpu().numpy().reshape(-1, channels, side, side), False
    raise ValueError("the network has neither a first convolution nor a dense layer on the pixels")


def _start(path: Path, weights: np.ndarray) -> np.ndarray | None:
    if not path.exists():
        return None
    before = read_array(path, 4)
    if before.shape != weights.shape:
        raise UserError(
            f"{path} holds kernels of shape {before.shape}, the network's are {weights.shape}: train the recipe again"
        )
    return before
