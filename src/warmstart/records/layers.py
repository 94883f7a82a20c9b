"""model/layers.json: the layers of a network."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.records.base import Record


@dataclass(frozen=True)
class Layer:
    """name: path in the network. type: its class. output_shape: without the batch. parameters, trainable: how many."""

    name: str
    type: str
    output_shape: list[int]
    parameters: int
    trainable: int


@dataclass(frozen=True)
class LayerTable(Record):
    """layers: in the order in which an image passes them."""

    layers: list[Layer]
