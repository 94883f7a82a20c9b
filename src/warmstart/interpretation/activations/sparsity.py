"""From one pass over photos: how sparse each layer is, which channels are dead, which photos excite a channel most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from warmstart.dataset.row_array import Rows
from warmstart.files.plain import write_bytes
from warmstart.interpretation.activations.activation_sites import RECTIFIERS, ActivationSite, read_activations
from warmstart.models.image_model import ImageModel
from warmstart.records.pages import DepthTrend
from warmstart.runtime.progress import progress
from warmstart.statistics.permutation import spearman_permutation_test

# "off" and "silent" with value, low and high of their means over photos, and "dead" with value; in [0, 1].
LayerShares = Mapping[str, Mapping[str, float]]
OFF_SHARE = 0.01  # of a layer's root mean square; at most this is "off" where the non-linearity has no exact zero
MAX_NAMED_LAYERS = 18  # each is named under its mark
LINES = {
    "off": "values that are 0, of a photo",
    "silent": "channels all 0 on a photo",
    "dead": "channels all 0 on every photo",
}


@dataclass(frozen=True)
class TopPhotos:
    """Channels of a layer with the photos that excite each most, best first; equal scores go by row.

    rows: int64 (channels, k). scores: float64 (channels, k), the mean of the channel's map.
    """

    channels: list[int]
    rows: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Sparsity:
    """What N photos show of L layers.

    off: float64 (L, N), the share of a photo's values that are off: 0 after a rectifier, else at most ``threshold``
    (L,), a hundredth of the layer's root mean square. silent: float64 (L, N), the share of channels with every value
    off on that photo. dead: for each layer bool (C,), channels off everywhere on all photos. top: by layer index.
    """

    off: np.ndarray
    silent: np.ndarray
    threshold: np.ndarray
    dead: list[np.ndarray]
    top: dict[int, TopPhotos]


def measure_sparsity(
    model: ImageModel,
    images: Rows,
    rows: Sequence[int],
    sites: Sequence[ActivationSite],
    watched: Mapping[int, list[int]],
    batch_size: int,
    k: int = 6,
) -> Sparsity:
    """Measure the photos ``images[rows]``, uint8 (N, H, W, C). watched: by layer, channels whose ``k`` top photos are
    found.
    """
    count = len(rows)
    off, silent = np.zeros((len(sites), count)), np.zeros((len(sites), count))
    threshold = np.zeros(len(sites))
    peaks = [np.full(site.layer.channels, -np.inf) for site in sites]
    top = {i: TopPhotos(c, np.zeros((len(c), 0), dtype=np.int64), np.zeros((len(c), 0))) for i, c in watched.items()}
    starts = range(0, count, batch_size)
    for start in progress(starts, "activations", len(starts)):
        batch = np.asarray(rows[start : start + batch_size], dtype=np.int64)

        def use(i: int, values: torch.Tensor, start: int = start, batch: np.ndarray = batch) -> None:
            if start == 0 and sites[i].activation not in RECTIFIERS:
                threshold[i] = OFF_SHARE * float(values.float().square().mean().sqrt())
            here = slice(start, start + len(batch))
            largest = values.amax((2, 3)).float().cpu().numpy()
            off[i, here], silent[i, here] = _off_share(values, threshold[i]), (largest <= threshold[i]).mean(axis=1)
            peaks[i] = np.maximum(peaks[i], largest.max(axis=0))
            if i in top:
                means = values[:, top[i].channels].mean((2, 3)).double().cpu().numpy()
                top[i] = _merge(top[i], means.T, batch, k)

        with torch.inference_mode():
            read_activations(model.network, model.normalise(torch.from_numpy(images[batch])), sites, use)
    return Sparsity(off, silent, threshold, [peak <= threshold[i] for i, peak in enumerate(peaks)], top)


def _off_share(values: torch.Tensor, threshold: float) -> np.ndarray:
    """The share of each photo's values at or below ``threshold``, (N,)."""
    # NumPy counts a contiguous array ten times as fast as torch sums one.
    plain = values.permute(0, 2, 3, 1) if values.is_contiguous(memory_format=torch.channels_last) else values
    on = [np.count_nonzero(one > threshold) / one.size for one in plain.float().cpu().numpy()]
    return 1 - np.array(on)


def _merge(top: TopPhotos, scores: np.ndarray, rows: np.ndarray, k: int) -> TopPhotos:
    every = np.concatenate([top.scores, scores], axis=1)
    photos = np.concatenate([top.rows, np.broadcast_to(rows, scores.shape)], axis=1)
    order = np.argsort(-every, axis=1, kind="stable")[:, :k]
    return TopPhotos(top.channels, np.take_along_axis(photos, order, axis=1), np.take_along_axis(every, order, axis=1))


def with_depth(values: Sequence[float]) -> DepthTrend | None:
    """The trend of values in order of depth; None for fewer than 3 or values that are all equal.

    Layers of one network are not independent: p describes these and promises nothing of others.
    """
    n = len(values)
    if n < 3 or len(set(values)) == 1:
        return None
    rho, p = spearman_permutation_test(values, range(n))
    verdict = "no clear trend with depth" if p > 0.1 else "rises with depth" if rho > 0 else "falls with depth"
    return DepthTrend(rho, p, n, verdict)


def write_sparsity_chart(
    layers: Sequence[ActivationSite], shares: Sequence[LayerShares], title: str, x_label: str, path: Path
) -> None:
    """Chart the shares of each layer, in order of depth, in %."""
    from warmstart.drawing.chart import MUTED, PALETTE, figure_png, new_figure, set_titles

    figure, (ax,) = new_figure(8.6, 4.4)
    positions = range(1, len(layers) + 1)
    hollow = [position for position, site in zip(positions, layers, strict=True) if site.layer.depthwise]
    for (key, text), colour in zip(LINES.items(), PALETTE, strict=False):
        value, *ends = (
            [100 * of[key][part] for of in shares] for part in ("value", "low", "high") if part in shares[0][key]
        )
        marks = {"color": colour, "markersize": 5, "clip_on": False}
        ax.plot(positions, value, linewidth=1.6, marker="o", label=text, zorder=3, **marks)
        if hollow:
            ax.plot(hollow, [value[i - 1] for i in hollow], "o", markerfacecolor="white", zorder=4, **marks)
        if ends:
            ax.fill_between(positions, *ends, color=colour, alpha=0.2, linewidth=0)
    if len(layers) <= MAX_NAMED_LAYERS:
        names = [site.title for site in layers]
        ax.set_xticks(list(positions), names, rotation=30, ha="right", fontsize=8, parse_math=False)
    ax.set_xlim(0.5, len(layers) + 0.5)
    ax.set_ylim(0, 100)
    ax.set_ylabel("%", fontsize=9, color=MUTED)
    ax.legend(frameon=False, fontsize=9)
    set_titles(ax, title, f"{x_label}; hollow: depthwise" if hollow else x_label)
    write_bytes(path, figure_png(figure))
