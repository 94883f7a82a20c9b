"""Learning-rate schedulers: those of PyTorch, told how long the training is, and a cosine with warm-up."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.optim.lr_scheduler import LambdaLR

from warmstart.errors import UserError
from warmstart.training.messages import WARMUP_TOO_LONG

LENGTHS = ("total_steps", "T_max", "epochs", "steps_per_epoch")  # arguments that say how long a training is


@dataclass(frozen=True)
class TrainingLength:
    """How long a training is. steps_per_epoch: of the optimizer. interval: ``step`` or ``epoch``, after which the
    scheduler is called.
    """

    epochs: int
    steps_per_epoch: int
    interval: str = "epoch"

    @property
    def arguments(self) -> dict[str, int]:
        """The lengths by their names in ``LENGTHS``."""
        steps = self.epochs * self.steps_per_epoch
        in_intervals = steps if self.interval == "step" else self.epochs
        return dict(zip(LENGTHS, (steps, in_intervals, self.epochs, self.steps_per_epoch), strict=True))


def build_scheduler(factory: Callable[..., Any], optimizer: torch.optim.Optimizer, length: TrainingLength) -> Any:
    """The scheduler of ``optimizer``. factory: a ``functools.partial`` of its class.

    Of the arguments in ``TrainingLength.arguments``, those that are None are filled in. A ``max_lr`` is that of the
    whole network: groups of parameters with another share of the rate keep that. Raises UserError for a warm-up that
    is longer than the training.
    """
    given: dict[str, Any] = dict(getattr(factory, "keywords", {}))
    filled = {name: value for name, value in length.arguments.items() if name in given and given[name] is None}
    scales = [group.get("lr_scale", 1.0) for group in optimizer.param_groups]
    if isinstance(given.get("max_lr"), int | float) and len(scales) > 1:
        filled["max_lr"] = [given["max_lr"] * scale for scale in scales]  # type: ignore[assignment]
    return factory(optimizer, **filled)


class WarmupCosine(LambdaLR):
    """Rises in a straight line for ``warmup_epochs``, then falls along half a cosine to ``min_share`` of the rate.

    total_steps, steps_per_epoch: of the optimizer; it is called after every step. I. Loshchilov and F. Hutter, "SGDR:
    stochastic gradient descent with warm restarts", ICLR 2017, without the restarts. Raises UserError for a warm-up
    that leaves no step.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        total_steps: int,
        steps_per_epoch: int,
        warmup_epochs: float = 1.0,
        min_share: float = 0.0,
    ) -> None:
        warmup = round(warmup_epochs * steps_per_epoch)
        if warmup >= total_steps:
            raise UserError(WARMUP_TOO_LONG.format(warmup_epochs, total_steps / steps_per_epoch))

        def share(step: int) -> float:
            if step < warmup:
                return (step + 1) / (warmup + 1)
            done = min(1.0, (step - warmup) / (total_steps - warmup))
            return min_share + (1 - min_share) * 0.5 * (1 + math.cos(math.pi * done))

        super().__init__(optimizer, share)
