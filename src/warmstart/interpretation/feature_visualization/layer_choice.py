"""Which layers patterns are sought for: by default one a block, spread over the depth of the network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.interpretation.conv_layers import ConvLayer, conv_layers

MOST = 7  # layers by default
FEWEST = 4  # blocks below which a container of blocks is opened
PLAIN_BLOCKS = 2  # so early, filters look for edges and colours, which the regularised ascent washes out
# How our networks wrap a backbone; what is left is the name that its authors gave.
WRAPPING = re.compile(r"^(backbone\.)?(trunk\.)?(net\.)?")


@dataclass(frozen=True)
class Choice:
    """A layer to look at. label: its short name, in titles and file names. method: ``plain`` or ``fourier``."""

    label: str
    layer: ConvLayer
    method: str


def choose_layers(network: nn.Module, example: torch.Tensor, names: Sequence[str] | None) -> list[Choice]:
    """The layers to look at, in the order of depth.

    example: a normalised batch of one, (1, C, H, W). names: of convolutions, of the batch norms after them, or of blocks (then
    one readable layer of the block), with or without what wraps a backbone; a network without named blocks, such as VGG16, also
    answers to Keras' names, ``block3_conv1``. None: one a block, at most seven, first and last among them.
    The first blocks get the method ``plain``, deeper ones ``fourier``.
    Raises UserError, listing near names, for a name that the network does not have, and when it has no convolution.
    """
    layers = [
        layer for layer in conv_layers(network, example) if layer.height * layer.width > 1
    ]  # 1×1: squeeze-and-excitation
    if not layers:
        raise UserError(
            "filter patterns need convolutions with feature maps larger than one pixel; this network has none"
        )
    blocks, flat = _blocks(layers)
    labels = _keras_names(blocks) if flat else {layer.name: _short(layer.name) for layer in layers}
    shown = blocks if len(blocks) <= MOST else _largest(blocks)
    deep = layers.index(shown[PLAIN_BLOCKS][0]) if len(shown) > PLAIN_BLOCKS else len(layers)
    found = (
        [_readable(block, flat) for block in shown]
        if names is None
        else [_find(name, layers, labels) for name in names]
    )
    unique = sorted({layers.index(layer) for layer in found})
    return [Choice(labels[layers[i].name], layers[i], "plain" if i < deep else "fourier") for i in unique]


def _short(name: str) -> str:
    return WRAPPING.sub("", name)


def _blocks(layers: list[ConvLayer]) -> tuple[list[list[ConvLayer]], bool]:
    """The layers in blocks, as their names group them; where they do not, by resolution (second value: True)."""
    groups = _split(layers, 1)
    while len(groups) < FEWEST:
        largest = max(groups, key=len)
        depth = next((d for d in range(2, 9) if len(_split(largest, d)) > 1), None)
        if depth is None:
            break
        at = groups.index(largest)
        groups[at : at + 1] = _split(largest, depth)
    if len(groups) <= MOST or any(len(group) > 1 for group in groups):
        return groups, False
    merged: list[list[ConvLayer]] = []
    for layer in layers:
        if merged and merged[-1][-1].height == layer.height:
            merged[-1].append(layer)
        else:
            merged.append([layer])
    return merged, True


def _split(layers: list[ConvLayer], depth: int) -> list[list[ConvLayer]]:
    groups: dict[str, list[ConvLayer]] = {}
    for layer in layers:
        groups.setdefault(".".join(_short(layer.name).split(".")[:depth]), []).append(layer)
    return list(groups.values())


def _keras_names(blocks: list[list[ConvLayer]]) -> dict[str, str]:
    return {layer.name: f"block{b}_conv{i}" for b, block in enumerate(blocks, 1) for i, layer in enumerate(block, 1)}


def _largest(blocks: list[list[ConvLayer]]) -> list[list[ConvLayer]]:
    """The first and the last block, and of the others those with most convolutions, in their order."""
    inner = sorted(range(1, len(blocks) - 1), key=lambda i: (-len(blocks[i]), i))[: MOST - 2]
    return [blocks[i] for i in sorted({0, len(blocks) - 1, *inner})]


def _readable(block: list[ConvLayer], first: bool = False) -> ConvLayer:
    """The layer of a block that is best looked at: one that mixes channels, over space where one does, with many filters."""
    mixing = [layer for layer in block if not layer.depthwise] or block
    spatial = [layer for layer in mixing if max(layer.module.kernel_size) > 1] or mixing
    most = max(layer.channels for layer in spatial)
    widest = [layer for layer in spatial if layer.channels == most]
    return widest[0] if first else widest[(len(widest) - 1) // 2]


def _find(name: str, layers: list[ConvLayer], labels: dict[str, str]) -> ConvLayer:
    for layer in layers:
        if name == labels[layer.name] or _short(name) in (_short(layer.name), _short(layer.readout_name)):
            return layer
    inside = [layer for layer in layers if _short(layer.name).startswith(_short(name) + ".")]
    if inside and _short(name):
        return _readable(inside)
    known = dict.fromkeys([*labels.values(), *(part for layer in layers for part in _parents(_short(layer.name)))])
    near = get_close_matches(name, known, n=5, cutoff=0.4) or list(known)[:5]
    raise UserError(
        f"interpret.pattern_layers: {name!r} is no convolution or block of the network; near names: {', '.join(near)}"
    )


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:i]) for i in range(1, len(parts) + 1)]
