"""Any other convolutional network that timm knows, as a backbone."""

from __future__ import annotations

from difflib import get_close_matches

import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.models.backbone import Design


class TimmTrunk(nn.Module):
    """A timm network cut before its pooling."""

    def __init__(self, name: str) -> None:
        super().__init__()
        import timm

        self.net = timm.create_model(name, pretrained=False, num_classes=0, global_pool="")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.net.forward_features(x)  # type: ignore[operator]
        return features


def timm_design(name: str) -> Design:
    """Describe a timm network by its own records. Raises UserError for an unknown name or one without spatial stages."""
    import timm

    if not timm.is_model(name):
        near = get_close_matches(name, timm.list_models(), n=5)
        raise UserError(
            f"backbone.name is {name!r}, which neither Warmstart nor timm knows; "
            + (f"near names: {', '.join(near)}" if near else "timm.list_models() lists them")
        )
    with torch.device("meta"):
        net = TimmTrunk(name).net
    stages = getattr(net, "feature_info", None)
    if not stages or any("module" not in stage for stage in list(stages)[-1:]):
        raise UserError(f"backbone {name} has no spatial feature stages: choose a convolutional network")
    last = str(list(stages)[-1]["module"])
    after = [child for child, _ in net.named_children()]
    # Whatever follows the last stage (a last convolution and its norm) belongs to the block that fine-tuning unfreezes.
    following = after[after.index(last.split(".")[0]) + 1 :] if last.split(".")[0] in after else []
    tail = [child for child in following if any(True for _ in getattr(net, child).parameters())]
    cfg = net.pretrained_cfg
    first = cfg["first_conv"]
    return Design(
        build=lambda: TimmTrunk(name),
        last_block=tuple(f"net.{part}" for part in [last, *tail]),
        cam_layer="",  # the whole trunk: its output is the last feature map
        first_conv=f"net.{first[0] if isinstance(first, tuple | list) else first}",
        normalisation=(tuple(cfg["mean"]), tuple(cfg["std"])),
    )
