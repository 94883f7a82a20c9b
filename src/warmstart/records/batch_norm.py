"""model/batch_norm.csv: how far the running statistics of batch norms are from those of the batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from warmstart.records.table import Row


@dataclass(frozen=True)
class BatchNormRow(Row):
    """A layer in an epoch. step: batches so far. mean_gap: root mean square over channels of (running mean − batch
    mean) / batch standard deviation. var_log_ratio: mean over channels of ln(running variance / batch variance).
    initial_share: what is left of the untrained statistics in the running ones, in [0, 1].
    """

    WHAT: ClassVar[str] = "a table of batch norms"

    epoch: int
    step: int
    layer: str
    mean_gap: float
    var_log_ratio: float
    initial_share: float
