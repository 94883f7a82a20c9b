"""From plain data to a network: what a checkpoint stores is enough to build it again, without any configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from warmstart.errors import UserError
from warmstart.models.convnet import ConvNet
from warmstart.models.transfer import TransferNet

KINDS: dict[str, type[nn.Module]] = {"convnet": ConvNet, "transfer": TransferNet}


def build_network(spec: Mapping[str, Any]) -> nn.Module:
    """Build the network that ``spec`` describes: ``kind`` chooses the class, the rest are its arguments.

    Its weights are fresh. Raises UserError for an unknown kind or unknown arguments.
    """
    arguments = {key: value for key, value in spec.items() if key != "kind"}
    if spec.get("kind") not in KINDS:
        raise UserError(f"network.kind is {spec.get('kind')!r}; it is one of {', '.join(KINDS)}")
    try:
        return KINDS[spec["kind"]](**arguments)
    except TypeError as error:
        raise UserError(f"network: {error}") from None


def network_spec(
    network: Mapping[str, Any], *, backbone: str | None, size: int, channels: int, n_classes: int
) -> dict[str, Any]:
    """Complete a recipe's ``network`` group with what the data decide: image side, channels and number of logits."""
    outputs = 1 if n_classes == 2 else n_classes
    if network["kind"] == "transfer":
        if channels != 3:
            raise UserError("pretrained backbones need colour images: set data.channels to 3")
        given = {key: network[key] for key in ("kind", "pool", "dense", "dropout")}
        return {**given, "backbone": backbone, "size": size, "outputs": outputs}
    given = {key: network[key] for key in ("kind", "widths", "dense", "batch_norm", "dropout")}
    given["pooled"] = network.get("pooled")
    return {**given, "size": size, "channels": channels, "outputs": outputs}
