"""Parts of groups of the configuration, for stages that read no more of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DatasetName:
    """The ``data`` group of stages that only have to know where the dataset is."""

    name: str


@dataclass(frozen=True)
class RecipeName:
    """The ``recipe`` group of stages that only have to know which trained model is meant."""

    name: str


@dataclass(frozen=True)
class HeadPool:
    """The part of the ``head`` group that decides which features are cached."""

    pool: str  # avg | flatten


@dataclass(frozen=True)
class Confidence:
    """The part of the ``evaluate`` group that the comparison of recipes reads."""

    confidence: float  # of intervals, in (0, 1)
