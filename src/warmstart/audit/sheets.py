"""Sheets of photos: a contact sheet a class, and the photos of a finding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, ImageDraw

from warmstart.audit.findings import Finding, Item
from warmstart.audit.scan import Scan
from warmstart.audit.thumbnails import Look, evenly
from warmstart.drawing.sheet import EDGE, MUTED, SMALL_PX, Tile, draw_sheet, in_rows, resize_to_fit
from warmstart.drawing.text_layout import font

SHOWN = 20  # cases of a finding
SIDE, COLUMNS, ROWS = 96, 10, 3
BETWEEN, APART = 4, 18  # pixels between the photos of one case, and after them
# What a sheet of each finding's photos is called; others have no pictures to show.
ALONE = {
    "animated": "First frames of animated files",
    "tiny": "Tiny photos",
    "upscaled": "The smallest photos",
    "extreme_aspect": "Strips",
    "modes": "Colours stored in another way",
    "blank": "Photos of one plain colour",
    "flattened": "Almost one tone in 8 bits",
    "dark": "The darkest photos",
    "bright": "The brightest photos",
    "blurred": "The most blurred photos",
}
TOGETHER = {
    "exact": "Exact copies",
    "near": "Photos that look almost the same",
    "conflicts": "One photo, two labels",
    "leaks": "On both sides of the split",
}


def sampled(scan: Scan, label: int) -> list[int]:
    """The rows of a class's contact sheet: spread evenly over its used photos, in the order of the listing."""
    rows = np.flatnonzero(scan.used & (scan.labels == label))
    return [int(row) for row in rows[evenly(len(rows), COLUMNS * ROWS)]] if len(rows) else []


def contact_sheet(scan: Scan, label: int, look: Look) -> Image.Image | None:
    """Some photos of a class; None where there is no picture of any."""
    total = int((scan.used & (scan.labels == label)).sum())
    tiles = [
        Tile(pixels, _name(scan.paths[row]))
        for row in sampled(scan, label)
        if (pixels := look(scan.paths[row])) is not None
    ]
    if not tiles:
        return None
    return draw_sheet(
        in_rows(tiles, COLUMNS), f"{scan.classes[label]}: {len(tiles)} of {total:,} photos, evenly drawn", side=SIDE
    )


def shown(finding: Finding) -> list[str]:
    """The paths of the photos on a finding's sheet."""
    return (
        [path for item in finding.items[:SHOWN] for path in item.paths]
        if finding.key in ALONE or finding.key in TOGETHER
        else []
    )


def finding_sheet(scan: Scan, finding: Finding, look: Look) -> Image.Image | None:
    """The first photos of a finding; None where there is no picture of any."""
    items = list(finding.items[:SHOWN])
    if not any(look(path) is not None for path in shown(finding)):
        return None
    if finding.key in ALONE:
        tiles = [Tile(_or_gap(look(item.paths[0])), f"{_name(item.paths[0])}") for item in items]
        return draw_sheet(in_rows(tiles, COLUMNS), ALONE[finding.key], side=SIDE)
    labels = {path: scan.label(row) for row, path in enumerate(scan.paths) if path in set(shown(finding))}
    most = min(4, max(len(item.paths) for item in items))
    tiles = [
        Tile(_beside([_or_gap(look(path)) for path in item.paths[:most]], most), _caption(item, finding, labels))
        for item in items
    ]
    width = most * (SIDE + BETWEEN) + APART
    rows = in_rows(tiles, max(1, COLUMNS * (SIDE + 6) // width))
    return draw_sheet(rows, TOGETHER[finding.key], side=width, height=SIDE)


def _caption(item: Item, finding: Finding, labels: dict[str, str]) -> str:
    if finding.key == "conflicts":
        return f"{' against '.join(labels.get(path, '?') for path in item.paths)}: {_name(item.paths[0])}"
    return f"{item.note}: {' = '.join(_name(path) for path in item.paths[:2])}"


def _beside(pictures: Sequence[np.ndarray], places: int) -> np.ndarray:
    """Pictures side by side on white: uint8 (SIDE, places x SIDE and gaps, 3)."""
    image = Image.new("RGB", (places * (SIDE + BETWEEN) + APART, SIDE), "white")
    left = 0
    for pixels in pictures:
        picture = resize_to_fit(pixels, SIDE)
        image.paste(picture, (left, (SIDE - picture.height) // 2))
        left += picture.width + BETWEEN
    return np.asarray(image)


def _or_gap(pixels: np.ndarray | None) -> np.ndarray:
    """A frame where there is no picture: of a photo that was left out nothing was kept."""
    if pixels is not None:
        return pixels
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIDE - 1, SIDE - 1), outline=EDGE)
    for i, line in enumerate(("left out,", "not kept")):
        draw.text((SIDE / 2, SIDE / 2 + (i - 0.5) * (SMALL_PX + 4)), line, font=font(SMALL_PX), fill=MUTED, anchor="mm")
    return np.asarray(image)


def _name(path: str) -> str:
    return PurePosixPath(path).name
