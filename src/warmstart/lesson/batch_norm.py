"""The demonstration of batch norm: the values between layers, and accuracy by running and by batch statistics."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.dataset.datamodule import ImageDataModule
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.row_array import Rows
from warmstart.drawing.chart import DPI, figure_image, new_figure, set_titles
from warmstart.drawing.png import save_png
from warmstart.drawing.sheet import heading, stack_vertically
from warmstart.errors import UserError
from warmstart.files.plain import write_json
from warmstart.lesson import messages
from warmstart.lesson.activation_stats import ActivationStats, activation_stats
from warmstart.models.checkpoint import load_as_trained, load_model
from warmstart.models.image_model import ImageModel
from warmstart.records.intervals import PairedComparison
from warmstart.statistics.intervals import Interval
from warmstart.statistics.paired_tests import compare_paired
from warmstart.statistics.proportions import wilson_interval
from warmstart.training.precise_batch_norm import IMAGES, estimate_statistics

N_BINS = 60
WIDTH_INCHES = 11.0
BATCH_SIZE = 32
MAX_EQUAL_RATIO = 3.0  # greatest over least standard deviation up to which layers count as equal
LABELS = {"without": ("without batch norm", "#0072B2"), "with": ("with batch norm", "#D55E00")}


@dataclass(frozen=True)
class StatisticsCheck:
    """Accuracy by the running statistics that training left, by re-estimated ones and by those of each batch, and
    paired comparisons of the latter two with the first.
    """

    running: Interval
    precise: Interval
    batch: Interval
    precise_minus_running: PairedComparison
    batch_minus_running: PairedComparison


def load_with_both_statistics(checkpoint: Path, store: ImageStore) -> tuple[ImageModel, ImageModel]:
    """The kept network with the running statistics that training left, and with re-estimated ones.

    Training re-estimates them where the callback precise_batch_norm is on; else that is done here, from the training
    images of ``store``.
    """
    kept, as_trained = load_model(checkpoint), load_as_trained(checkpoint)
    if as_trained:
        return as_trained, kept
    data, precise = ImageDataModule(store), deepcopy(kept)
    data.setup("fit")
    layers = [module for module in precise.modules() if isinstance(module, _BatchNorm)]
    estimate_statistics(precise, layers, (images for images, _ in data.statistics_dataloader(IMAGES)))
    return kept, precise


def write_activation_distributions(
    with_bn: ImageModel, without: ImageModel, images: np.ndarray, folder: Path
) -> dict[str, list[ActivationStats]]:
    """Write distributions.png and distributions.json: the values that each layer passes on, in two networks.

    images: uint8 (N, H, W, C). Returns the statistics by network, ``without`` and ``with``, layer by layer. Raises
    UserError when the networks differ in more than batch norm.
    """
    sizes = [model.preprocessing.size for model in (with_bn, without)]
    if sizes[0] != sizes[1]:
        raise UserError(f"the two networks see images of {sizes[0]} and {sizes[1]} px: give both the same recipe.size")
    stats = {"without": activation_stats(without, images), "with": activation_stats(with_bn, images)}
    names = {key: [layer.name for layer in layers] for key, layers in stats.items()}
    if names["with"] != names["without"]:
        lists = "; ".join(", ".join(names[key]) for key in ("with", "without"))
        raise UserError(f"the two networks have other layers ({lists}): train both again")
    for model, key, expected in ((with_bn, "with", True), (without, "without", False)):
        if any(layer.normalised != expected for layer in stats[key]):
            has = "has no" if expected else "has"
            raise UserError(f"{model.origin.recipe or 'a network'} {has} batch norm after its ReLUs")
    save_png(_draw(stats, len(images)), folder / "distributions.png")
    rows = {key: [layer.to_dict() for layer in layers] for key, layers in stats.items()}
    write_json(folder / "distributions.json", {"images": len(images), **rows})
    return stats


def check_kept_statistics(checkpoint: Path, store: ImageStore) -> StatisticsCheck:
    """The accuracies of a kept network on the validation images of ``store``."""
    return check_statistics(*load_with_both_statistics(checkpoint, store), store.images("val"), store.labels("val"))


def check_statistics(
    as_trained: ImageModel, re_estimated: ImageModel, images: Rows, labels: np.ndarray
) -> StatisticsCheck:
    """The accuracy of the same weights with the running statistics of two models, and with those of each batch of 32
    images.

    images: uint8 (N, H, W, C), the classes mixed; labels: int64 (N,).
    """
    correct = {}
    for which, model in (("running", as_trained), ("precise", re_estimated), ("batch", as_trained)):
        copy = deepcopy(model).eval()
        for module in copy.modules():
            if isinstance(module, _BatchNorm) and which == "batch":
                module.train()
        parts = [images[start : start + BATCH_SIZE] for start in range(0, len(images), BATCH_SIZE)]
        # A last batch of a few images has poor statistics, and one of one image has none.
        if len(parts) > 1 and len(parts[-1]) < BATCH_SIZE:
            parts[-2:] = [np.concatenate(parts[-2:])]
        with torch.no_grad():
            predicted = [copy.probabilities(copy(torch.from_numpy(np.array(part)))).argmax(1) for part in parts]
        correct[which] = torch.cat(predicted).numpy() == labels
    running, precise_ones, batch = (wilson_interval(int(right.sum()), len(labels)) for right in correct.values())
    differences = {which: compare_paired(correct[which], correct["running"]) for which in ("precise", "batch")}
    return StatisticsCheck(running, precise_ones, batch, differences["precise"], differences["batch"])


def compare_spreads(without: tuple[float, float], normalised: tuple[float, float]) -> str:
    """Whether batch norm makes the layers' values ``equal`` in size, ``closer`` to each other, or ``no closer``.

    without, normalised: least and greatest standard deviation of the layers without and with batch norm.
    """
    before, after = (greatest / least if least > 0 else float("inf") for least, greatest in (without, normalised))
    return "equal" if after <= MAX_EQUAL_RATIO else "closer" if after < before else "no closer"


def _draw(stats: dict[str, list[ActivationStats]], n: int) -> Image.Image:
    rows = []
    for key, layers in stats.items():
        title, colour = LABELS[key]
        low = min(float(np.quantile(layer.sample, 0.002)) for layer in layers)
        high = max(float(np.quantile(layer.sample, 0.998)) for layer in layers)
        edges = np.linspace(low, high if high > low else low + 1, N_BINS + 1)
        figure, axes = new_figure(WIDTH_INCHES, 2.5, len(layers))
        figure.suptitle(f"{title}: what each layer passes on", x=0.01, ha="left", fontsize=11)
        for ax, layer in zip(axes, layers, strict=True):
            counts, _ = np.histogram(layer.sample, edges)
            ax.stairs(counts / len(layer.sample), edges, fill=True, color=colour, alpha=0.75)
            ax.set_yscale("log")
            ax.set_ylim(1e-4, 1.5)
            ax.set_xlim(edges[0], edges[-1])
            if ax is not axes[0]:
                ax.tick_params(labelleft=False)
            text = f"mean {layer.mean:.2f}, std {layer.std:.2f}\n{100 * layer.zeros:.0f} % zeros after ReLU"
            ax.text(0.97, 0.95, text.replace("-", "−"), transform=ax.transAxes, ha="right", va="top", fontsize=8)
            set_titles(ax, layer.name, "value")
        rows.append(figure_image(figure))
    without, normalised = ((min(s.std for s in stats[key]), max(s.std for s in stats[key])) for key in LABELS)
    spread = messages.SPREADS[compare_spreads(without, normalised)]
    note = messages.DISTRIBUTIONS_NOTE.format(n=n, without=without, normalised=normalised, spread=spread)
    head = heading(messages.DISTRIBUTIONS, note, round(WIDTH_INCHES * DPI), size=12)
    return stack_vertically([head, *rows])
