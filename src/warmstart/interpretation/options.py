"""What can be chosen about interpretation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from warmstart.errors import UserError

METHODS = ("gradcam",)


@dataclass(frozen=True)
class Options:
    """images: how many examples a gallery shows. batch_size: images explained at once. seed: picks the right answers
    shown.
    layer: a module name inside the network, or None for its last feature map. method: how maps are made.
    """

    images: int = 8
    batch_size: int = 32
    seed: int = 0
    layer: str | None = None
    method: str = "gradcam"

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Options:
        """Check plain options. Raises UserError naming the key at fault."""
        known = [field.name for field in fields(cls)]
        for key in options:
            if key not in known:
                raise UserError(f"interpret.{key} is not an option; the options are {', '.join(known)}")
        made = cls(**options)
        if made.method not in METHODS:
            raise UserError(f"interpret.method is {made.method!r}; it is one of {', '.join(METHODS)}")
        for key in ("images", "batch_size"):
            if getattr(made, key) < 1:
                raise UserError(f"interpret.{key} is {getattr(made, key)}; it is 1 or more")
        return made
