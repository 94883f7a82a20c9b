"""What `interpret` and `patterns` have written, as the lesson's page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warmstart.files.plain import read_json


@dataclass(frozen=True)
class SparsityTrend:
    """Spearman's rank correlation of the share of zeros with depth over n layers, and what follows from it."""

    spearman: float
    n: int
    verdict: str


@dataclass(frozen=True)
class PatternSheet:
    """The patterns of a layer: the picture's file name, and the method of ascent."""

    layer: str
    method: str
    file: str


@dataclass(frozen=True)
class MapVerdict:
    """Whether the heat maps can be trusted, tested on n images."""

    verdict: str
    n: int


def read_sparsity_trend(interpretation: Path) -> SparsityTrend | None:
    """From ``activations/activations.json``; None where it is not made or no layer counts."""
    depth = _read(interpretation / "activations" / "activations.json").get("depth") or {}
    trend = depth.get("off")
    return SparsityTrend(trend["spearman"], trend["n"], trend["verdict"]) if trend else None


def read_pattern_sheets(patterns: Path) -> list[PatternSheet]:
    """From ``patterns.json``; empty where it is not made."""
    layers = _read(patterns / "patterns.json").get("layers", [])
    return [PatternSheet(layer["layer"], layer["method"], layer["file"]) for layer in layers]


def read_map_verdict(interpretation: Path) -> MapVerdict | None:
    """From ``summary.json``; None where the maps are not tested."""
    scores = _read(interpretation / "summary.json").get("scores")
    return MapVerdict(scores["verdict"], scores["n"]) if scores else None


def _read(path: Path) -> dict[str, Any]:  # as the file is
    return dict(read_json(path)) if path.exists() else {}
