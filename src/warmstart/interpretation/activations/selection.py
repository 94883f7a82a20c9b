"""Which photo, which layers and which channels the pages show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from warmstart.interpretation.activations.activation_sites import Site
from warmstart.interpretation.examples import Example

MOST = 16  # layers with a picture of their own
RIM_FROM = 7  # side from which a map has a rim to leave out


def choose_photo(examples: Sequence[Example]) -> Example:
    """The right prediction with the largest p, or, where nothing is right, the most confident one; the first of equals.

    Raises ValueError when there are no examples.
    """
    right = [e for e in examples if e.true == e.predicted]
    return min(right or examples, key=lambda e: (-e.p, e.row))


def shown_layers(sites: Sequence[Site]) -> list[int]:
    """Indices of the layers that get a picture: all of up to 16; of more, one a block: its last with a non-linearity (or its last).

    Blocks are those of the finest level of names that gives at most 16 of them: blocks.0 … blocks.6, layer1 … layer4. Where even
    the top level has more, 16 evenly spread.
    """
    usable = [i for i in range(len(sites)) if not is_gate(sites, i)]
    if len(usable) <= MOST:
        return usable
    paths = {i: sites[i].name.split(".") for i in usable}
    for depth in range(max(map(len, paths.values())), 0, -1):
        blocks: dict[tuple[str, ...], list[int]] = {}
        for i, path in paths.items():
            blocks.setdefault(tuple(path[:depth]), []).append(i)
        if len(blocks) <= MOST:
            return sorted(max(block, key=lambda i: (sites[i].activation is not None, i)) for block in blocks.values())
    return [usable[round(place)] for place in np.linspace(0, len(usable) - 1, MOST)]


def is_gate(sites: Sequence[Site], index: int) -> bool:
    """Whether a layer works on a pooled map, one value a channel (squeeze and excitation): a larger map comes after it."""
    layer = sites[index].layer
    return layer.height * layer.width == 1 and any(s.layer.height * s.layer.width > 1 for s in sites[index + 1 :])


def strongest(maps: np.ndarray, count: int) -> list[int]:
    """The channels of one photo's maps, float (C, h, w), that vary most over its places (standard deviation), then by mean; the
    first of equals. By mean alone, those come first that are fully on everywhere and show nothing. The rim of a map, which
    shows the padding, does not count.
    """
    rim = -(-min(maps.shape[1:]) // 20) if min(maps.shape[1:]) >= RIM_FROM else 0
    inner = maps[:, rim : maps.shape[1] - rim, rim : maps.shape[2] - rim]
    order = np.lexsort((-inner.mean(axis=(1, 2)), -inner.std(axis=(1, 2)).round(6)))
    return [int(i) for i in order[:count]]
