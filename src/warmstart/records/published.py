"""published.json: what `publish` has put into MLflow."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.records.base import Record


@dataclass(frozen=True)
class Published(Record):
    """experiment: the id in MLflow. runs: ids by place under artifacts/<dataset>."""

    experiment: str
    runs: dict[str, str]
