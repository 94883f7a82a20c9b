"""lr_find/lr_find.json: a search for a learning rate."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.records.base import Record


@dataclass(frozen=True)
class LRSearch(Record):
    """A network's loss at rates that rise from step to step, and what follows from it.

    optimizer: its class. rates, losses, smoothed (nats), slopes (nats a decade of the rate): of each step, of a loss
    that was finite. steepest: the rate at which the loss falls fastest. safe: a lower one. Both are None where it does
    not fall. lowest: the rate at which it is lowest. configured: the optimizer's own. stopped: whether the loss rose so
    far that higher rates were left out.
    """

    recipe: str
    dataset: str
    dataset_digest: str
    optimizer: str
    configured: float | None
    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    slopes: list[float]
    steepest: float | None
    safe: float | None
    lowest: float
    stopped: bool
