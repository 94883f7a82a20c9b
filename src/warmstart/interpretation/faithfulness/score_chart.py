"""The scores of a recipe's maps as one picture: each criterion, its value with interval, its bar and its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from warmstart.drawing.lettering import fit, font, wrap
from warmstart.drawing.sheet import EDGE, INK, MARGIN, MUTED, PAPER, SMALL, TEXT, TITLE
from warmstart.evaluation.intervals import Interval
from warmstart.interpretation.faithfulness.messages import format_interval
from warmstart.interpretation.faithfulness.verdict import (
    FAILED,
    MAX_RANDOMISED,
    MIN_LOCALISATION,
    MIN_NOISE,
    NOT_SCORED,
    PASSED,
    Verdict,
)

WIDTH_PX, NAME_PX, AXIS_PX, VALUE_PX = 1020, 380, 290, 190
ROW_PX, RADIUS_PX = 30, 5
LOW, HIGH, TICKS = -0.5, 1.0, (-0.5, 0.0, 0.5, 1.0)
COLOURS = {PASSED: (0, 114, 178), FAILED: (213, 94, 0)}
BAR = (120, 120, 130)
# Criterion → its metric, the row's name, and the bar.
CRITERIA = {
    "better than the middle": ("versus_centre", "insertion − deletion, minus a centre Gaussian's", 0.0),
    "in the right cells": (
        "localisation",
        "mosaics: energy in the right cells (0 chance, 1 attainable)",
        MIN_LOCALISATION,
    ),
    "depends on what was learned": (
        "randomised_head_spearman",
        "like maps after a random head (Spearman)",
        MAX_RANDOMISED,
    ),
    "stable under noise": ("noise_spearman", "like maps of the noisy image (Spearman)", MIN_NOISE),
    "on the evidence": ("evidence_versus_centre", "energy in the masks, minus a centre Gaussian's", 0.0),
}


@dataclass(frozen=True)
class Row:
    """A line of the chart. bar: which the value must be beyond, None where nothing depends on it. outcome: a word."""

    name: str
    found: Interval | None
    bar: float | None = None
    outcome: str = ""


def criteria_rows(metrics: Mapping[str, Interval | None], verdict: Verdict) -> list[Row]:
    """The rows that decide, in the order of the verdict's criteria."""
    rows = []
    for criterion in verdict.criteria:
        if criterion.name in CRITERIA:
            key, name, bar = CRITERIA[criterion.name]
            rows.append(Row(name, metrics.get(key), bar, criterion.outcome))
    return rows


def draw_scores(title: str, verdict: Verdict, sections: Sequence[tuple[str, Sequence[Row]]], note: str) -> Image.Image:
    """The verdict, then each section's rows under its heading, as an RGB picture."""
    width = WIDTH_PX - 2 * MARGIN
    text = wrap(verdict.text[:1].upper() + verdict.text[1:] + ".", width, TEXT + 2)
    lines = wrap(note, width, SMALL)
    top = MARGIN + TITLE + 10 + len(text) * (TEXT + 8)
    rows_height = sum(ROW_PX + 6 + ROW_PX * len(rows) for _, rows in sections)
    image = Image.new("RGB", (WIDTH_PX, top + rows_height + 10 + len(lines) * (SMALL + 5) + MARGIN), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, MARGIN), fit(title, width, TITLE), font=font(TITLE), fill=INK)
    colour = {True: COLOURS[PASSED], False: COLOURS[FAILED], None: INK}[verdict.trusted]
    for i, line in enumerate(text):
        draw.text((MARGIN, MARGIN + TITLE + 10 + i * (TEXT + 8)), line, font=font(TEXT + 2), fill=colour)
    y = top + 6
    for heading, rows in sections:
        draw.text((MARGIN, y + 8), fit(heading, NAME_PX - 24, TEXT), font=font(TEXT), fill=INK)
        draw.line((MARGIN, y + ROW_PX, WIDTH_PX - MARGIN, y + ROW_PX), fill=EDGE)
        for value in TICKS:
            tick = f"{value:g}".replace("-", "−")
            draw.text((_x(value), y + ROW_PX - 4), tick, font=font(SMALL), fill=MUTED, anchor="ms")
        y += ROW_PX + 6
        for row in rows:
            _draw_row(draw, row, y)
            y += ROW_PX
    for i, line in enumerate(lines):
        draw.text((MARGIN, y + 10 + i * (SMALL + 5)), line, font=font(SMALL), fill=MUTED)
    return image


def _draw_row(draw: ImageDraw.ImageDraw, row: Row, y: int) -> None:
    middle, left = y + ROW_PX // 2, MARGIN + NAME_PX
    colour = COLOURS.get(row.outcome, BAR if row.outcome else INK)

    def write(x: int, text: str, fill: tuple[int, int, int]) -> None:
        draw.text((x, middle), text, font=font(SMALL + 1), fill=fill, anchor="lm")

    write(MARGIN, fit(row.name, NAME_PX - 12, SMALL + 1), INK)
    draw.line((left, middle, left + AXIS_PX, middle), fill=EDGE)
    draw.line((_x(0), middle - 4, _x(0), middle + 4), fill=EDGE)
    if row.bar is not None:
        draw.line((_x(row.bar), middle - 10, _x(row.bar), middle + 10), fill=BAR, width=2)
    if row.found is not None:
        low, high, at = _x(row.found.low), _x(row.found.high), _x(row.found.value)
        draw.rectangle((low, middle - 1, max(high, low + 1), middle + 1), fill=colour)
        draw.ellipse((at - RADIUS_PX, middle - RADIUS_PX, at + RADIUS_PX, middle + RADIUS_PX), fill=colour)
    value = NOT_SCORED if row.found is None else format_interval(row.found)
    x = left + AXIS_PX + 16
    write(x, fit(value, VALUE_PX, SMALL + 1), INK)
    write(x + VALUE_PX + 8, row.outcome, colour)


def _x(value: float) -> int:
    """The pixel of a value on the axis; beyond its ends, at the end."""
    return MARGIN + NAME_PX + round(AXIS_PX * (min(max(value, LOW), HIGH) - LOW) / (HIGH - LOW))
