"""The splits of a dataset, in the order of their numbers."""

from __future__ import annotations

from warmstart.records.images import Split

SPLITS: tuple[Split, Split, Split] = ("train", "val", "test")
