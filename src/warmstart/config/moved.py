"""Keys of earlier versions, and what has taken their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.errors import UserError

AUGMENT = "augment is a mapping of transforms, see conf/augment/lesson.yaml: "
MOVED = {
    "optimizer.name": "choose optimizer=adamw, or name a class by optimizer._target_=torch.optim.AdamW",
    "optimizer.l2": "loss.ridge has taken its place",
    "optimizer.full_batch": "torch.optim.LBFGS always takes the whole training set as one batch",
    "augment.rotation": f"{AUGMENT}augment.affine.rotate has taken its place",
    "augment.shift": f"{AUGMENT}augment.affine.translate_percent has taken its place",
    "augment.shear": f"{AUGMENT}augment.affine.shear has taken its place",
    "augment.zoom": f"{AUGMENT}augment.affine.scale has taken its place",
    "augment.horizontal_flip": f"{AUGMENT}augment.flip has taken its place",
}


def refuse_moved(config: Mapping[str, Any]) -> None:
    """Refuse (UserError) a key of an earlier version, and say what has taken its place. config: plain data."""
    for key, words in MOVED.items():
        group, _, name = key.partition(".")
        if name in (config.get(group) or {}):
            raise UserError(f"{key} is no key of the configuration any more: {words}")
