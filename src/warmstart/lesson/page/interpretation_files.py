"""What `interpret` and `patterns` have written, as far as the lesson's page shows it."""

from __future__ import annotations

from pathlib import Path

from warmstart.records.interpretation import InterpretationSummary, MapScores
from warmstart.records.pages import ActivationsPage, DepthTrend, PatternsPage, PatternTiles


def read_sparsity_trend(interpretation: Path) -> DepthTrend | None:
    """The share of zeros by depth, from activations.json; None where that is not made or has too few layers."""
    path = interpretation / "activations" / "activations.json"
    depth = ActivationsPage.read(path).depth if path.exists() else None
    return depth.off if depth else None


def read_pattern_sheets(patterns: Path) -> list[PatternTiles]:
    """The sheets of patterns by layer, from patterns.json; empty where that is not made."""
    path = patterns / "patterns.json"
    return PatternsPage.read(path).layers if path.exists() else []


def read_map_scores(interpretation: Path) -> MapScores | None:
    """Whether the maps can be trusted, from summary.json; None where it is not tested."""
    path = interpretation / "summary.json"
    return InterpretationSummary.read(path).scores if path.exists() else None
