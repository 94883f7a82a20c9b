"""Batch norm shown: what it does to the values between layers, and what it costs in accuracy while its statistics lag behind."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.dataset.row_array import Rows
from warmstart.drawing.png import save_png
from warmstart.drawing.sheet import heading
from warmstart.errors import UserError
from warmstart.evaluation.intervals import wilson
from warmstart.evaluation.paired import paired
from warmstart.files.plain import write_json
from warmstart.lesson.activation_spread import Spread, activation_spreads
from warmstart.lesson.panels import picture, stack
from warmstart.models.image_model import ImageModel

BINS = 60
WIDTH = 11.0  # inches
BATCH = 32
ONE_SIZE = 3.0  # greatest over least standard deviation up to which layers count as alike


def write_activation_distributions(
    with_bn: ImageModel, without: ImageModel, images: np.ndarray, folder: Path
) -> dict[str, Any]:
    """Write distributions.png and distributions.json: how the values that each layer passes on are spread in two networks.

    images: uint8 (N, H, W, C). Returns the content of the JSON file: by network and layer mean, standard deviation and the share
    of zeros after the ReLU. Raises UserError when the networks differ in more than batch norm.
    """
    spreads = {"without": activation_spreads(without, images), "with": activation_spreads(with_bn, images)}
    names = {key: [spread.name for spread in values] for key, values in spreads.items()}
    if names["with"] != names["without"]:
        raise UserError(
            f"the two networks have other layers ({', '.join(names['with'])}; {', '.join(names['without'])}): train both again"
        )
    for model, key, wanted in ((with_bn, "with", True), (without, "without", False)):
        if any(spread.normalised != wanted for spread in spreads[key]):
            raise UserError(
                f"{model.meta.get('recipe', 'a network')} has {'no ' if wanted else ''}batch norm after its ReLUs"
            )
    figures = {
        "images": len(images),
        **{key: [spread.to_dict() for spread in values] for key, values in spreads.items()},
    }
    save_png(_draw(spreads, len(images)), folder / "distributions.png")
    write_json(folder / "distributions.json", figures)
    return figures


def statistics_check(model: ImageModel, images: Rows, labels: np.ndarray) -> dict[str, Any]:
    """The accuracy of the same weights, normalising by the running statistics and by those of each batch of 32 images.

    images: uint8 (N, H, W, C), the classes mixed; labels: int64 (N,). Where the second is clearly better, the running statistics
    lag behind the weights. The model is left as it is.
    """
    right = {}
    for which in ("running", "batch"):
        copy = deepcopy(model).eval()
        for module in copy.modules():
            if isinstance(module, _BatchNorm) and which == "batch":
                module.train()
        parts = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        with torch.no_grad():
            # A last batch of a few has poor statistics of its own, and one of one image none at all.
            if len(parts) > 1 and len(parts[-1]) < BATCH:
                parts[-2:] = [np.concatenate(parts[-2:])]
            said = torch.cat([copy.probabilities(copy(torch.from_numpy(np.array(part)))).argmax(1) for part in parts])
        right[which] = said.numpy() == labels
    n = len(labels)
    shares = {which: wilson(int(hits.sum()), n).to_dict() for which, hits in right.items()}
    return {**shares, "batch_minus_running": paired(right["batch"], right["running"]).to_dict()}


def spread_words(without: tuple[float, float], normalised: tuple[float, float]) -> str:
    """What the least and the greatest standard deviation of the layers say, without batch norm and with it, in words."""
    before, after = (greatest / least if least > 0 else float("inf") for least, greatest in (without, normalised))
    if after <= ONE_SIZE:
        return "each layer gets inputs of about one size, whatever the one before it has learned"
    if after < before:
        return "nearer to one another, but not of one size"
    return "no nearer to one another, as when the running statistics, which are used here, lag behind the weights"


def _draw(spreads: dict[str, list[Spread]], n: int) -> Image.Image:
    from warmstart.drawing.chart import DPI, blank, label

    words = {"without": ("without batch norm", "#0072B2"), "with": ("with batch norm", "#D55E00")}
    rows = []
    for key, layers in spreads.items():
        title, colour = words[key]
        low = min(float(np.quantile(spread.sample, 0.002)) for spread in layers)
        high = max(float(np.quantile(spread.sample, 0.998)) for spread in layers)
        edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
        figure, axes = blank(WIDTH, 2.5, len(layers))
        figure.suptitle(f"{title}: what each layer passes on", x=0.01, ha="left", fontsize=11)
        for ax, spread in zip(axes, layers, strict=True):
            counts, _ = np.histogram(spread.sample, edges)
            ax.stairs(counts / len(spread.sample), edges, fill=True, color=colour, alpha=0.75)
            ax.set_yscale("log")
            ax.set_ylim(1e-4, 1.5)
            ax.set_xlim(edges[0], edges[-1])
            if ax is not axes[0]:
                ax.tick_params(labelleft=False)
            text = f"mean {spread.mean:.2f}, std {spread.std:.2f}\n{100 * spread.zeros:.0f} % zeros after ReLU"
            ax.text(0.97, 0.95, text.replace("-", "−"), transform=ax.transAxes, ha="right", va="top", fontsize=8)
            label(ax, spread.name, "value")
        rows.append(picture(figure))
    spans = {key: (min(s.std for s in layers), max(s.std for s in layers)) for key, layers in spreads.items()}
    note = (
        f"Values over {n} test images, all channels and places; share of values on a logarithmic scale, one horizontal scale a row. Without batch norm "
        f"the layers' standard deviations lie between {spans['without'][0]:.2f} and {spans['without'][1]:.2f}, with it between {spans['with'][0]:.2f} and "
        f"{spans['with'][1]:.2f}: {spread_words(spans['without'], spans['with'])}."
    )
    return stack([heading("Batch norm: the values between layers", note, round(WIDTH * DPI), size=12), *rows])
