"""images/manifest.csv: a line for each prepared image, in the order of the arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from warmstart.records.images import Split
from warmstart.records.table import Row


@dataclass(frozen=True)
class ManifestRow(Row):
    """An image. Names are written as they are: programs alone read this table.

    label: index into the classes. row: place in the array of its split, from 0. sha256, bytes: of the file that it was
    decoded from. unit: images of one unit are in one split. labelled: the class that the source gave, where a
    correction changed it, else empty. fold: in which fold's test part the image is; None without folds.
    """

    WHAT: ClassVar[str] = "a manifest"

    path: str
    class_name: Annotated[str, Field(alias="class")]
    label: int
    split: Split
    row: int
    sha256: str
    bytes: int | None
    unit: int | None
    labelled: str
    fold: int | None
