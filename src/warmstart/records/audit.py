"""audit/audit.json: what is wrong with the photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from warmstart.records.base import ABSENT, Record
from warmstart.records.scan import SourceKind

Severity = Literal["stop", "look", "fine"]


@dataclass(frozen=True)
class FindingItem:
    """One case: the photos concerned, and a remark."""

    paths: list[str]
    note: str


@dataclass(frozen=True)
class FindingRecord:
    """key: what was looked for. severity: stop (settle it before training), look (for a person to see) or fine (dealt
    with). count, of: the photos it concerns, and of how many; share: their ratio. meaning: what it does to the result.
    remedy: what to do. items: the cases, the most telling first. figures: what else was measured, by name.
    """

    key: str
    severity: Severity
    title: str
    count: int
    of: int
    meaning: str
    remedy: str
    items: list[FindingItem]
    figures: dict[str, float | int | str | None]
    share: float


@dataclass(frozen=True)
class PhotoCounts:
    """candidates: all photos of the source, the sum of the next three. other_files: files that are no candidates."""

    candidates: int
    used: int
    unused: int
    left_out: int
    other_files: int


@dataclass(frozen=True)
class ClassBalance:
    """Photos of a class. unused: readable, but in no split."""

    class_name: Annotated[str, Field(alias="class")]
    train: int
    val: int
    test: int
    unused: int
    left_out: int


@dataclass(frozen=True)
class Spread:
    """Of n photos; low and high hold 90 % of them."""

    n: int
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Distribution:
    """Of a property, over all photos and by class."""

    all: Spread
    classes: Annotated[dict[str, Spread] | None, ABSENT] = None


@dataclass(frozen=True)
class PropertySeparation:
    """How well a property alone tells one class from the others. value: the kind, of a property that has kinds. auroc:
    with its interval. accuracy: of a guess by it, or None; majority: of always guessing the most frequent class.
    """

    property: str
    value: str
    class_name: Annotated[str, Field(alias="class")]
    auroc: float
    low: float
    high: float
    accuracy: float | None
    majority: float
    n: int
    beyond_chance: bool
    severity: Severity


@dataclass(frozen=True)
class ChannelStatistics:
    """Mean and standard deviation of each channel of n training images, in [0, 1]."""

    n: int
    mean: list[float]
    std: list[float]


@dataclass(frozen=True)
class AuditReport(Record):
    """verdict: all in a sentence. findings: in order of severity. passed: what was looked for and not found.
    distributions: by property. properties: the most telling first. channels: None without prepared images.
    """

    dataset: str
    kind: SourceKind
    verdict: str
    classes: list[str]
    counts: PhotoCounts
    findings: list[FindingRecord]
    passed: list[str]
    balance: list[ClassBalance]
    distributions: dict[str, Distribution]
    properties: list[PropertySeparation]
    channels: ChannelStatistics | None
