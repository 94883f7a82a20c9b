"""interpret/summary.json: what a recipe has learned and where it looks, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from warmstart.records.base import ABSENT, Record
from warmstart.records.intervals import Interval

PageFigures = dict[str, Any]  # what a page says of itself, for a person who opens the file; no stage reads it
_FIXED = ("verdict", "trusted", "n")


@dataclass(frozen=True)
class MapScores:
    """Whether class activation maps can be trusted. trusted: None where it is not shown. n: images. scores: by name,
    None where there is none; in the file they stand beside the others.
    """

    verdict: str
    trusted: bool | None
    n: int
    scores: dict[str, Interval | None]


@dataclass(frozen=True)
class ExampleCounts:
    """Test images, those predicted wrong, and those in each gallery."""

    test: int
    test_wrong: int
    right: int
    wrong: int
    confident_wrong: int
    conflict: Annotated[int | None, ABSENT] = None


@dataclass(frozen=True)
class InterpretationSummary(Record):
    """checkpoint: sha256 of the model.ckpt that the pages are of. method, explained, layer: None for a network without
    a feature map, which has no where, side, same_answers and why_coarse either. where: the site of the maps in words.
    side: of the network's input, in pixels. same_answers: on how many enlarged images it predicts the same. map: height
    and width of a map. no_statistics: why none. scores, activations, imagenet, patterns: None for pages not made.
    """

    recipe: str
    checkpoint: str
    first_conv: PageFigures
    method: str | None
    explained: str | None
    layer: str | None
    where: Annotated[str | None, ABSENT] = None
    side: Annotated[int | None, ABSENT] = None
    same_answers: Interval | None = None
    why_coarse: str | None = None
    map: list[int] | None = None
    counts: ExampleCounts = field(kw_only=True)
    statistics: PageFigures | None = None
    no_statistics: str | None = None
    scores: Annotated[MapScores | None, ABSENT] = None
    activations: Annotated[PageFigures | None, ABSENT] = None
    imagenet: Annotated[PageFigures | None, ABSENT] = None
    patterns: Annotated[PageFigures | None, ABSENT] = None

    @classmethod
    def _grouped(cls, content: dict[str, Any]) -> dict[str, Any]:
        scores = content.get("scores")
        if not isinstance(scores, dict):
            return content
        fixed = {key: value for key, value in scores.items() if key in _FIXED}
        return {**content, "scores": {**fixed, "scores": {k: v for k, v in scores.items() if k not in _FIXED}}}

    @classmethod
    def _flattened(cls, content: dict[str, Any]) -> dict[str, Any]:
        if "side" not in content:
            content = {key: value for key, value in content.items() if key not in ("same_answers", "why_coarse")}
        if scores := content.get("scores"):
            content["scores"] = {**{key: scores[key] for key in _FIXED}, **scores["scores"]}
        return content
