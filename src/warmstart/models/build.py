"""From a specification to a network: what a checkpoint stores is enough, without any configuration."""

from __future__ import annotations

from dataclasses import asdict

from torch import nn

from warmstart.errors import UserError
from warmstart.models.convnet import ConvNet
from warmstart.models.network_spec import ConvNetSpec, NetworkSpec
from warmstart.models.transfer import TransferNet


def build_network(spec: NetworkSpec) -> nn.Module:
    """Build a network with random weights. Raises UserError for arguments that no network can have."""
    network = ConvNet if isinstance(spec, ConvNetSpec) else TransferNet
    try:
        return network(**asdict(spec))
    except TypeError as error:
        raise UserError(f"network: {error}") from None
