"""activations.json, patterns.json and the filter patterns' summary.json: pages that the lesson shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from warmstart.records.base import ABSENT, Record
from warmstart.records.interpretation import PageFigures


@dataclass(frozen=True)
class DepthTrend:
    """Spearman's rank correlation of a number with the depth of n layers. verdict: the same in words."""

    spearman: float
    p: float
    n: int
    verdict: str


@dataclass(frozen=True)
class DepthTrends:
    """Of the share of zeros, of silent channels and of dead ones; None for too few layers."""

    off: DepthTrend | None
    silent: DepthTrend | None
    dead: DepthTrend | None


@dataclass(frozen=True)
class ActivationsPage(Record):
    """photos: how many were measured. layers: the convolutions, of which ``counted`` have a non-linearity. photo: the
    one shown. A network without a convolution has a note, an empty list of layers, and nothing else.
    """

    note: Annotated[str | None, ABSENT] = None
    photos: Annotated[int | None, ABSENT] = None
    layers: list[PageFigures] | None = None
    counted: Annotated[int | None, ABSENT] = None
    depth: Annotated[DepthTrends | None, ABSENT] = None
    photo: PageFigures | None = None
    meaning: Annotated[PageFigures | None, ABSENT] = None
    top_photos: Annotated[list[PageFigures] | None, ABSENT] = None

    @classmethod
    def _flattened(cls, content: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in content.items() if key != "photo" or "photos" in content}


@dataclass(frozen=True)
class PatternTiles:
    """The patterns of a layer's filters. file: the picture. method: plain or fourier. tiles: one a filter."""

    layer: str
    module: str
    file: str
    method: str
    tiles: list[PageFigures]


@dataclass(frozen=True)
class PatternsPage(Record):
    """side: of the pictures in pixels. steps: of the ascent. photos: with which the filters were compared."""

    side: int
    steps: int
    seed: int
    photos: int
    layers: list[PatternTiles]


@dataclass(frozen=True)
class PatternMedians:
    """Over the filters that are not dead. reached: standard deviations of photos. kept: share of the activation that
    survives a small warp. fine: share of high frequencies. recognisable: share of all filters that keep 0.8 or more.
    """

    dead: int
    reached: float | None
    kept: float | None
    fine: float | None
    recognisable: float


@dataclass(frozen=True)
class PatternLayer:
    """The first ``filters`` of a layer's filters, of which there are ``of``, with the numbers of ``PatternMedians``."""

    layer: str
    module: str
    file: str
    method: str
    filters: int
    of: int
    dead: int
    reached: float | None
    kept: float | None
    fine: float | None
    recognisable: float


@dataclass(frozen=True)
class PatternComparison:
    """The plain and the regularised ascent on the same filters of a layer."""

    layer: str
    plain: PatternMedians
    fourier: PatternMedians


@dataclass(frozen=True)
class PatternsSummary(Record):
    """of: recipe, or backbone without a trained head. name: of that. checkpoint: sha256 of the recipe's model.ckpt."""

    of: str
    name: str
    checkpoint: str | None
    layers: list[PatternLayer]
    compare: PatternComparison
