"""What can be chosen about interpretation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from warmstart.errors import UserError

METHODS = ("gradcam",)
LEAST = {"images": 1, "batch_size": 1, "maps": 0, "scored": 0, "steps": 2, "patterns": 0, "pattern_steps": 1}


@dataclass(frozen=True)
class Options:
    """The keys of the configuration's ``interpret`` group; ``warmstart.config.schema.Interpret`` says what each means.

    method: how maps are made.
    """

    images: int = 8
    batch_size: int = 32
    seed: int = 0
    layer: str | None = None
    maps: int = 100
    scored: int = 32
    steps: int = 4
    activations: bool = False
    imagenet: bool = False
    patterns: int = 0
    pattern_layers: list[str] | None = None
    pattern_steps: int = 80
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
        for key, least in LEAST.items():
            if getattr(made, key) < least:
                raise UserError(f"interpret.{key} is {getattr(made, key)}; it is {least} or more")
        return made
