"""resized/<size>/meta.json: what the images are that are kept at another size than that of the dataset."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.records.base import Record
from warmstart.records.images import Split


@dataclass(frozen=True)
class ResizedImages(Record):
    """size: height and width in pixels. images: digest of the prepared images that these are at another size. pixels:
    sha256 of each split's array.
    """

    size: int
    images: str
    pixels: dict[Split, str]
