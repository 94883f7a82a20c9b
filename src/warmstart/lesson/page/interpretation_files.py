"""What `interpret` and `patterns` have written, as far as the lesson's page shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from warmstart.files.plain import read_json
from warmstart.records.interpretation import InterpretationSummary, MapScores
from warmstart.records.pages import DepthTrend, PatternTiles


def read_sparsity_trend(interpretation: Path) -> DepthTrend | None:
    """The share of zeros by depth, from activations.json; None where that is not made or has too few layers."""
    depth = _read(interpretation / "activations" / "activations.json").get("depth") or {}
    return DepthTrend(**depth["off"]) if depth.get("off") else None


def read_pattern_sheets(patterns: Path) -> list[PatternTiles]:
    """The sheets of patterns by layer, from patterns.json; empty where that is not made."""
    return [PatternTiles(**layer) for layer in _read(patterns / "patterns.json").get("layers", [])]


def read_map_scores(interpretation: Path) -> MapScores | None:
    """Whether the maps can be trusted, from summary.json; None where it is not tested."""
    path = interpretation / "summary.json"
    return InterpretationSummary.read(path).scores if path.exists() else None


def _read(path: Path) -> dict[str, Any]:  # as the file is
    return dict(read_json(path)) if path.exists() else {}
