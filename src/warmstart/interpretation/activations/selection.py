"""Which layers and which channels the page of activations shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from warmstart.interpretation.activations.activation_sites import ActivationSite
from warmstart.interpretation.conv_layers import group_by_block

MAX_LAYERS = 16  # with a picture of their own
MIN_SIDE_WITH_RIM = 7  # cells; a smaller map has no rim to leave out


def shown_layers(sites: Sequence[ActivationSite]) -> list[int]:
    """Indices of the layers that get a picture: all of up to 16; of more, the last of each block with a non-linearity.

    Blocks are those of the finest level of names that gives at most 16 of them: blocks.0 … blocks.6, layer1 … layer4. Where
    even the top level has more, 16 evenly spread.
    """
    usable = [i for i in range(len(sites)) if not is_gate(sites, i)]
    if len(usable) <= MAX_LAYERS:
        return usable
    layers = [sites[i].layer for i in usable]
    for depth in range(max(len(layer.short_name.split(".")) for layer in layers), 0, -1):
        blocks = [[usable[k] for k in block] for block in group_by_block(layers, depth)]
        if len(blocks) <= MAX_LAYERS:
            return sorted(max(block, key=lambda i: (sites[i].activation is not None, i)) for block in blocks)
    return [usable[round(position)] for position in np.linspace(0, len(usable) - 1, MAX_LAYERS)]


def is_gate(sites: Sequence[ActivationSite], index: int) -> bool:
    """Whether a layer works on a pooled map, one value a channel (squeeze and excitation): a larger map comes after it."""
    layer = sites[index].layer
    return layer.height * layer.width == 1 and any(s.layer.height * s.layer.width > 1 for s in sites[index + 1 :])


def strongest_channels(maps: np.ndarray, count: int) -> list[int]:
    """The channels of one photo's maps, float (C, h, w), with the largest standard deviation over places, then mean.

    By mean alone, those come first that are fully on everywhere and show nothing. The rim of a map, which shows the padding,
    does not count. The first of equals comes first.
    """
    smaller = min(maps.shape[1:])
    rim = -(-smaller // 20) if smaller >= MIN_SIDE_WITH_RIM else 0
    inner = maps[:, rim : maps.shape[1] - rim, rim : maps.shape[2] - rim]
    order = np.lexsort((-inner.mean(axis=(1, 2)), -inner.std(axis=(1, 2)).round(6)))
    return [int(i) for i in order[:count]]
