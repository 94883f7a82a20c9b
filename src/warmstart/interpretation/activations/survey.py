"""One pass over many photos: how sparse each layer is, which channels are dead, and which photos excite a channel most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from warmstart.dataset.row_array import Rows
from warmstart.interpretation.activations.sites import RECTIFIERS, Site, read
from warmstart.runtime.progress import progress

# Share of a layer's root mean square below which a value is "off" where the non-linearity has no exact zero.
SMALL = 0.01


@dataclass(frozen=True)
class Top:
    """Channels of a layer with the photos that excite each most, best first: rows int64 (channels, k), scores float64 (channels, k),
    the mean of the channel's map. Equal scores go by row.
    """

    channels: list[int]
    rows: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Survey:
    """What N photos show of L layers.

    off: float64 (L, N), the share of a photo's values that are off: 0 after a rectifier, else at most ``SMALL`` of the layer's
    root mean square, which is ``threshold`` (L,). silent: float64 (L, N), the share of channels with every value off on that photo.
    dead: for each layer bool (C,), channels off everywhere on all photos. top: by layer index.
    """

    off: np.ndarray
    silent: np.ndarray
    threshold: np.ndarray
    dead: list[np.ndarray]
    top: dict[int, Top]


def survey(
    model: Any,
    images: Rows,
    rows: Sequence[int],
    sites: list[Site],
    watched: Mapping[int, list[int]],
    batch_size: int,
    k: int = 6,
) -> Survey:
    """Run the photos ``images[rows]``, uint8 (N, H, W, C), in batches, keeping figures only, never maps.

    model: an ImageModel. watched: for a layer's index, the channels whose ``k`` top photos are wanted.
    """
    count = len(rows)
    off, silent = np.zeros((len(sites), count)), np.zeros((len(sites), count))
    limit = np.zeros(len(sites))
    most = [np.full(site.layer.channels, -np.inf) for site in sites]
    top = {i: Top(list(c), np.zeros((len(c), 0), dtype=np.int64), np.zeros((len(c), 0))) for i, c in watched.items()}
    starts = range(0, count, batch_size)
    for start in progress(starts, "activations", len(starts)):
        batch = np.asarray(rows[start : start + batch_size], dtype=np.int64)
        here = slice(start, start + len(batch))

        def use(
            i: int, values: torch.Tensor, start: int = start, batch: np.ndarray = batch, here: slice = here
        ) -> None:
            if start == 0 and sites[i].activation not in RECTIFIERS:
                limit[i] = SMALL * float(values.float().square().mean().sqrt())
            peaks = values.amax((2, 3)).float().cpu().numpy()
            off[i, here], silent[i, here] = _off(values, limit[i]), (peaks <= limit[i]).mean(axis=1)
            most[i] = np.maximum(most[i], peaks.max(axis=0))
            if i in top:
                means = values[:, top[i].channels].mean((2, 3)).double().cpu().numpy()
                top[i] = _merge(top[i], means.T, batch, k)

        with torch.inference_mode():
            read(model.network, model.normalise(torch.from_numpy(images[batch])), sites, use)
    return Survey(off, silent, limit, [peaks <= limit[i] for i, peaks in enumerate(most)], top)


def pick_rows(total: int, most: int) -> list[int]:
    """At most ``most`` rows, evenly spread over ``total``, so that no class is left out where they are sorted."""
    return [int(row) for row in np.linspace(0, total - 1, min(total, most)).round()] if total else []


def _off(values: torch.Tensor, limit: float) -> np.ndarray:
    """The share of each photo's values at or below ``limit``, (N,)."""
    # NumPy counts a contiguous array ten times as fast as torch sums one.
    plain = values.permute(0, 2, 3, 1) if values.is_contiguous(memory_format=torch.channels_last) else values
    on = [np.count_nonzero(one > limit) / one.size for one in plain.float().cpu().numpy()]
    return 1 - np.array(on)


def _merge(top: Top, scores: np.ndarray, rows: np.ndarray, k: int) -> Top:
    every = np.concatenate([top.scores, scores], axis=1)
    photos = np.concatenate([top.rows, np.broadcast_to(rows, scores.shape)], axis=1)
    order = np.argsort(-every, axis=1, kind="stable")[:, :k]
    return Top(top.channels, np.take_along_axis(photos, order, axis=1), np.take_along_axis(every, order, axis=1))
