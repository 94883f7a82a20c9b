"""scan/scan.json: what `prepare` found among the photos of a source, used or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from warmstart.records.base import Record
from warmstart.records.images import SkippedFile

SourceKind = Literal["files", "arrays", "drawn"]


@dataclass(frozen=True)
class NearPair:
    """Two photos that look almost the same. distance: bits in which their perceptual hashes differ."""

    a: str
    b: str
    distance: int
    mirrored: bool


@dataclass(frozen=True)
class Leak:
    """Two photos, the same or nearly so, in two parts of a ready-made split."""

    a: str
    b: str
    splits: list[str]
    kind: str


@dataclass(frozen=True)
class ChangedLabel:
    """A label that corrections.csv changed."""

    path: str
    before: Annotated[str, Field(alias="from")]
    after: Annotated[str, Field(alias="to")]


@dataclass(frozen=True)
class Corrections:
    """What corrections.csv did. file: None without one. dropped: paths of photos that it leaves out."""

    file: str | None
    changed: list[ChangedLabel]
    dropped: list[str]


@dataclass(frozen=True)
class ScanRecord(Record):
    """kind: files, arrays, or drawn by the code. exact, conflicts: groups of paths with the same content, and those of
    them with different labels. near: None where near duplicates were not searched for. ready_made: whether the source
    comes with a split. on_leak: stop, drop or allow.
    """

    dataset: str
    classes: list[str]
    kind: SourceKind
    size: int
    fit: str
    skipped: list[SkippedFile]
    notes: list[str]
    ready_made: bool
    exact: list[list[str]]
    near: list[NearPair] | None
    conflicts: list[list[str]]
    leaks: list[Leak]
    on_leak: str
    corrections: Corrections
    folds: int | None
