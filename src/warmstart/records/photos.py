"""scan/photos.csv: a line for each candidate photo of a source, in the order of its listing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from warmstart.records.table import Cell, PathCell, Row, TextCell

Fate = Literal["used", "unused", "left_out"]


def _plain(value: float) -> str:
    """A decimal number with at most six digits after the point and no zeros at its end."""
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


Measurement = Annotated[float | None, Cell(_plain, float)]


@dataclass(frozen=True)
class PhotoRow(Row):
    """A photo and what was measured of it; None where it is not known.

    class_name: as the source gives it, before corrections. split: train, val, test or empty. fate: used; unused
    (readable, but not drawn into the subsample); left_out, with the reason. unit: photos of one unit stay in one split.
    group: of the table's column ``data.group_by``. width, height: in pixels. brightness, saturation, red, green, blue:
    means in [0, 1]. contrast: standard deviation of brightness, in [0, 0.5].
    """

    WHAT: ClassVar[str] = "a table of photos"

    path: PathCell
    class_name: Annotated[TextCell, Field(alias="class")]
    split: Literal["train", "val", "test", ""]
    fate: Fate
    reason: str
    unit: int | None
    group: TextCell
    sha256: str
    bytes: int | None
    width: int | None
    height: int | None
    format: str
    mode: str
    frames: int | None
    brightness: Measurement
    contrast: Measurement
    saturation: Measurement
    sharpness: Measurement
    red: Measurement
    green: Measurement
    blue: Measurement
