"""report/embedding.csv: where validation photos lie on the map of the backbone's features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from warmstart.records.table import PathCell, Row, TextCell, decimals

Coordinate = Annotated[float, decimals(3)]


@dataclass(frozen=True)
class EmbeddingRow(Row):
    """A photo. class_name: its label. x, y: on the map, whose units mean nothing. wrong: the recipes that give it
    another class, with blanks between them.
    """

    WHAT: ClassVar[str] = "a map of photos"

    path: PathCell
    class_name: TextCell
    x: Coordinate
    y: Coordinate
    wrong: TextCell
