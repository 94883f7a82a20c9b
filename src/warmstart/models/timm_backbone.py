"""Any network of timm that ends in a feature map, as a backbone."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.models.backbone_spec import BackboneSpec


class TimmTrunk(nn.Module):
    """A timm network cut before its pooling: float (N, channels, H, W) to its last feature map, (N, C, h, w).

    A vision transformer gives the tokens of its last block in the layout of the image's patches, without class token
    and registers; it takes any image whose side is a multiple of its patch. Any other output is returned as it is, and
    ``Backbone.feature_shape`` refuses it.
    """

    def __init__(self, name: str, channels: int = 3) -> None:
        super().__init__()
        self.net = create_without_head(name, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return as_map(self.net, self.net.forward_features(x), x)


def create_without_head(name: str, channels: int = 3) -> Any:
    """The timm network without pooling and classifier, for images of any size where it can. Raises UserError for a
    network that has no such form.
    """
    import timm

    options: dict[str, Any] = {"pretrained": False, "num_classes": 0, "global_pool": "", "in_chans": channels}
    try:
        try:
            return timm.create_model(name, dynamic_img_size=True, **options)
        except TypeError:  # only vision transformers have that option; convolutions need none
            return timm.create_model(name, **options)
    except (AssertionError, TypeError) as error:
        raise UserError(
            f"backbone {name} does not work without its own head ({error}): choose another network"
        ) from None


def as_map(net: Any, features: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """The output of ``net.forward_features(images)`` as a map (N, C, h, w), where it has that layout."""
    if features.ndim == 4 and getattr(net, "output_fmt", "NCHW") == "NHWC":
        return features.permute(0, 3, 1, 2)
    patches: Any = getattr(net, "patch_embed", None)
    if features.ndim == 3 and hasattr(patches, "dynamic_feat_size"):
        h, w = patches.dynamic_feat_size(images.shape[-2:])
        tokens = features[:, int(getattr(net, "num_prefix_tokens", 0)) :]
        if tokens.shape[1] == h * w:
            return tokens.transpose(1, 2).reshape(len(tokens), -1, h, w)
    return features


def timm_input_size(name: str) -> int:
    """The side, in pixels, of the images that a timm network's weights were trained on. Raises UserError for an unknown
    name.
    """
    import timm

    _check_name(name, "backbone.name")
    return int(timm.get_pretrained_cfg(name).input_size[-1])


def _check_name(name: str, key: str) -> None:
    import timm

    own = key != "backbone.name"
    if not timm.is_model(name):
        near = get_close_matches(name, timm.list_models(), n=5)
        raise UserError(
            f"{key} is {name!r}, which {'timm does not know' if own else 'neither Warmstart nor timm knows'}; "
            + (f"near names: {', '.join(near)}" if near else "timm.list_models() lists them")
        )


def timm_backbone_spec(name: str, key: str = "backbone.name") -> BackboneSpec:
    """Describe a timm network. key: of the name in the configuration. Raises UserError for an unknown name, or a
    network without spatial stages.
    """
    _check_name(name, key)
    with torch.device("meta"):
        net = TimmTrunk(name).net
    stages = getattr(net, "feature_info", None)
    if not stages or any("module" not in stage for stage in list(stages)[-1:]):
        raise UserError(
            f"backbone {name} has no spatial feature stages: choose a convolutional network or a vision transformer"
        )
    last = str(list(stages)[-1]["module"])
    after = [child for child, _ in net.named_children()]
    # Modules after the last stage (a last convolution and its norm) belong to the block that fine-tuning unfreezes.
    following = after[after.index(last.split(".")[0]) + 1 :] if last.split(".")[0] in after else []
    tail = [child for child in following if any(True for _ in getattr(net, child).parameters())]
    cfg = net.pretrained_cfg
    first = cfg["first_conv"]
    return BackboneSpec(
        build=lambda: TimmTrunk(name),
        last_block=tuple(f"net.{part}" for part in [last, *tail]),
        cam_layer="",  # the whole trunk: its output is the last feature map
        first_conv=f"net.{first[0] if isinstance(first, tuple | list) else first}",
        normalisation=(tuple(cfg["mean"]), tuple(cfg["std"])),
    )
