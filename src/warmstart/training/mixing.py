"""Mixing the images of a batch, with torchvision's MixUp and CutMix."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torchvision.transforms import v2

from warmstart.config.schema import Loss
from warmstart.errors import UserError
from warmstart.training.messages import ONE_CLASS

Mixing = Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


def build_mixing(options: Loss, n_classes: int) -> Mixing | None:
    """What mixes images, float (N, C, H, W), and their labels, int64 (N,), which become probabilities (N, classes).

    None where nothing is mixed. With both kinds, each batch gets one of them. H. Zhang et al., "mixup: beyond empirical
    risk minimization", ICLR 2018; S. Yun et al., "CutMix", ICCV 2019. Raises UserError for a single class.
    """
    kinds = {"mixup": (options.mixup, v2.MixUp), "cutmix": (options.cutmix, v2.CutMix)}
    on = {name: (alpha, kind) for name, (alpha, kind) in kinds.items() if alpha > 0}
    if on and n_classes < 2:
        raise UserError(ONE_CLASS.format(next(iter(on))))
    transforms = [kind(alpha=alpha, num_classes=n_classes) for alpha, kind in on.values()]
    if not transforms:
        return None
    mixing: Mixing = transforms[0] if len(transforms) == 1 else v2.RandomChoice(transforms)
    return mixing
