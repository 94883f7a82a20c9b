"""What option files name by ``_target_``, as callables: each call makes a new object, so each fold has its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True)
class TrainingParts:
    """The exchangeable parts of a training.

    optimizer: called with groups of parameters. scheduler: called with the optimizer, and with the lengths that
    ``training.schedulers`` fills in; None for a constant rate. callbacks: of Lightning, by name. transforms: of
    albumentations, by name, in the order in which they are applied. trainer: further arguments of Lightning's Trainer.
    """

    optimizer: Callable[..., torch.optim.Optimizer]
    scheduler: Callable[..., Any] | None = None
    callbacks: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    transforms: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    trainer: Mapping[str, Any] = field(default_factory=dict)
