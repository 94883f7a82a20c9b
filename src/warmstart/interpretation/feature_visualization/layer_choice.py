"""Which layers are visualised: by default one a block, spread over the depth of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import accumulate, groupby
from operator import attrgetter

import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.interpretation.conv_layers import ConvLayer, conv_layers, group_by_block, short_name

MAX_LAYERS = 7  # by default
MIN_BLOCKS = 4  # below, a container of blocks is opened
PLAIN_BLOCKS = 2  # so early, filters respond to edges and colours, which the regularised ascent washes out
Block = list[ConvLayer]
SHORT_NAME = attrgetter("short_name")


@dataclass(frozen=True)
class ChosenLayer:
    """A layer to visualise. label: its short name, in titles and file names. method: ``plain`` or ``fourier``."""

    label: str
    layer: ConvLayer
    method: str


def choose_layers(network: nn.Module, example: torch.Tensor, names: Sequence[str] | None) -> list[ChosenLayer]:
    """The layers to visualise, by depth; the first blocks with the method ``plain``, deeper ones ``fourier``.

    example: a normalised batch of one, (1, C, H, W). names: of convolutions, of the batch norms after them, or of
    blocks (then one readable layer of the block), with or without what wraps a backbone. A network without named
    blocks, such as VGG16, also has Keras' names, ``block3_conv1``. None: one a block, at most seven. Raises UserError,
    listing near names, for a name that the network does not have, and when it has no convolution.
    """
    # 1×1: squeeze-and-excitation
    layers = [layer for layer in conv_layers(network, example) if layer.height * layer.width > 1]
    if not layers:
        raise UserError(
            "filter patterns need convolutions with feature maps larger than one pixel; this network has none"
        )
    blocks, unnamed = _blocks(layers)
    if unnamed:
        labels = {c.name: f"block{b}_conv{i}" for b, block in enumerate(blocks, 1) for i, c in enumerate(block, 1)}
    else:
        labels = {layer.name: layer.short_name for layer in layers}
    shown = blocks if len(blocks) <= MAX_LAYERS else _largest(blocks)
    deep = layers.index(shown[PLAIN_BLOCKS][0]) if len(shown) > PLAIN_BLOCKS else len(layers)
    if names is None:
        found = [_readable(block, unnamed) for block in shown]
    else:
        found = [_find(name, layers, labels) for name in names]
    unique = sorted({layers.index(layer) for layer in found})
    return [ChosenLayer(labels[layers[i].name], layers[i], "plain" if i < deep else "fourier") for i in unique]


def _blocks(layers: Sequence[ConvLayer]) -> tuple[list[Block], bool]:
    """The layers in blocks, as their names group them; if they do not, by resolution (second value: True)."""
    groups = group_by_block(layers, 1, SHORT_NAME)
    while len(groups) < MIN_BLOCKS:
        largest = max(groups, key=len)
        parts = next(
            (parts for depth in range(2, 9) if len(parts := group_by_block(largest, depth, SHORT_NAME)) > 1), None
        )
        if parts is None:
            break
        at = groups.index(largest)
        groups[at : at + 1] = parts
    if len(groups) <= MAX_LAYERS or any(len(group) > 1 for group in groups):
        return groups, False
    return [list(block) for _, block in groupby(layers, key=lambda layer: layer.height)], True


def _largest(blocks: Sequence[Block]) -> list[Block]:
    """The first and the last block, and of the others those with most convolutions, in their order."""
    inner = sorted(range(1, len(blocks) - 1), key=lambda i: (-len(blocks[i]), i))[: MAX_LAYERS - 2]
    return [blocks[i] for i in sorted({0, len(blocks) - 1, *inner})]


def _readable(block: Block, first: bool = False) -> ConvLayer:
    """The layer of a block that shows most: one that mixes channels, over space where one does, with many filters."""
    mixing = [layer for layer in block if not layer.depthwise] or block
    spatial = [layer for layer in mixing if max(layer.module.kernel_size) > 1] or mixing
    most = max(layer.channels for layer in spatial)
    widest = [layer for layer in spatial if layer.channels == most]
    return widest[0] if first else widest[(len(widest) - 1) // 2]


def _find(name: str, layers: Sequence[ConvLayer], labels: dict[str, str]) -> ConvLayer:
    short = short_name(name)
    for layer in layers:
        if name == labels[layer.name] or short in (layer.short_name, short_name(layer.readout_name)):
            return layer
    inside = [layer for layer in layers if layer.short_name.startswith(f"{short}.")]
    if inside and short:
        return _readable(inside)
    parents = (parent for layer in layers for parent in accumulate(layer.short_name.split("."), "{}.{}".format))
    known = dict.fromkeys([*labels.values(), *parents])
    near = get_close_matches(name, known, n=5, cutoff=0.4) or list(known)[:5]
    raise UserError(
        f"interpret.pattern_layers: {name!r} is no convolution or block of the network; near names: {', '.join(near)}"
    )
