"""Specifications of networks, which checkpoints store as plain data, and the networks that are built of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from torch import nn

from warmstart.config.schema import Head, Network
from warmstart.config.target import Target
from warmstart.errors import UserError
from warmstart.models.convnet import ConvNet
from warmstart.models.logits import n_logits
from warmstart.models.own_network import OwnNetwork
from warmstart.models.transfer import TransferNet


@dataclass(frozen=True, kw_only=True)
class ConvNetSpec:
    """Arguments of ``ConvNet``, which documents them."""

    kind: ClassVar[str] = "convnet"

    widths: list[int]
    dense: int
    batch_norm: bool
    dropout: float
    pooled: int | None = None
    size: int
    channels: int
    outputs: int


@dataclass(frozen=True, kw_only=True)
class TransferSpec:
    """Arguments of ``TransferNet``, which documents them."""

    kind: ClassVar[str] = "transfer"
    channels: ClassVar[int] = 3

    pool: str
    dense: int | None
    dropout: float
    backbone: str
    size: int
    outputs: int
    train_batch_norm: bool = False  # of a backbone from random weights


@dataclass(frozen=True, kw_only=True)
class OwnNetworkSpec:
    """Arguments of ``OwnNetwork``, which documents them."""

    kind: ClassVar[str] = "class"

    target: str
    arguments: dict[str, Any]
    size: int
    channels: int
    outputs: int


NetworkSpec = ConvNetSpec | TransferSpec | OwnNetworkSpec
SPECS: dict[str, type[NetworkSpec]] = {spec.kind: spec for spec in (ConvNetSpec, TransferSpec, OwnNetworkSpec)}
NETWORKS: dict[type[NetworkSpec], type[nn.Module]] = {
    ConvNetSpec: ConvNet,
    TransferSpec: TransferNet,
    OwnNetworkSpec: OwnNetwork,
}


def network_spec(
    architecture: Network | Target | Head,
    *,
    backbone: str | None = None,
    size: int,
    channels: int,
    n_classes: int,
    train_batch_norm: bool = False,
) -> NetworkSpec:
    """Complete a configured architecture, a network, its class or the head of a backbone, with what the data decide.

    size: image side in pixels. train_batch_norm: of a backbone. Raises UserError for a backbone with images that have
    no three channels.
    """
    outputs = n_logits(n_classes)
    if isinstance(architecture, Network):
        return ConvNetSpec(**asdict(architecture), size=size, channels=channels, outputs=outputs)
    if isinstance(architecture, Target):
        arguments = dict(architecture.arguments)
        return OwnNetworkSpec(
            target=architecture.path, arguments=arguments, size=size, channels=channels, outputs=outputs
        )
    if channels != 3:
        raise UserError("backbones need colour images: set data.channels to 3")
    assert backbone is not None
    options = {"backbone": backbone, "size": size, "outputs": outputs, "train_batch_norm": train_batch_norm}
    return TransferSpec(**asdict(architecture), **options)  # type: ignore[arg-type]


def spec_to_dict(spec: NetworkSpec) -> dict[str, Any]:
    """A specification as plain data: ``kind`` and the arguments."""
    return {"kind": spec.kind, **asdict(spec)}


def spec_from_dict(content: Mapping[str, Any]) -> NetworkSpec:
    """The inverse of ``spec_to_dict``. Raises UserError for an unknown kind, or unknown or missing arguments."""
    if content.get("kind") not in SPECS:
        raise UserError(f"network.kind is {content.get('kind')!r}; it is one of {', '.join(SPECS)}")
    try:
        return SPECS[content["kind"]](**{key: value for key, value in content.items() if key != "kind"})
    except TypeError as error:
        raise UserError(f"network: {error}") from None


def build_network(spec: NetworkSpec) -> nn.Module:
    """Build a network with random weights. Raises UserError for arguments that no network can have."""
    try:
        return NETWORKS[type(spec)](**asdict(spec))
    except TypeError as error:
        raise UserError(f"network: {error}") from None
