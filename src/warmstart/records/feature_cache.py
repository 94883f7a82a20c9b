"""feature_cache/meta.json: what the cached features are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from warmstart.records.base import Record
from warmstart.records.images import Split
from warmstart.records.preprocessing import PreprocessingSettings


@dataclass(frozen=True)
class FeatureCacheMeta(Record):
    """backbone: its name. weights: the option's word, or the sha256 of a file of weights. images: the digest of the
    prepared images. pools: the poolings that are stored. precision: that of the computation. widths: length of a vector
    by pooling. counts: vectors by split. files: sha256 by path in the folder.
    """

    FORMAT: ClassVar[int] = 3  # 1 was one file for all, 2 had no digests

    backbone: str
    weights: str
    preprocessing: PreprocessingSettings
    images: str
    pools: list[str]
    precision: str
    widths: dict[str, int]
    counts: dict[Split, int]
    files: dict[str, str]
