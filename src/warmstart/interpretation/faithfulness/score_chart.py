"""The scores of a recipe's maps as one picture: each criterion, its figure with interval, its bar, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from warmstart.drawing.lettering import fit, font, wrap
from warmstart.drawing.sheet import EDGE, INK, MARGIN, MUTED, PAPER, SMALL, TEXT, TITLE
from warmstart.evaluation.intervals import Interval
from warmstart.interpretation.faithfulness.bars import FAILED, PASSED
from warmstart.interpretation.faithfulness.figures import Figures, text
from warmstart.interpretation.faithfulness.verdict import LOCALISATION, NOISE, RANDOMISED, Verdict

WIDTH, NAME, AXIS, FIGURE = 1020, 380, 290, 190
ROW, RADIUS = 30, 5
LOW, HIGH, TICKS = -0.5, 1.0, (-0.5, 0.0, 0.5, 1.0)
COLOURS = {PASSED: (0, 114, 178), FAILED: (213, 94, 0)}
BAR = (120, 120, 130)


@dataclass(frozen=True)
class Row:
    """A line of the chart. bar: where the figure must lie beyond, None where nothing hangs on it. outcome: a word."""

    name: str
    found: Interval | None
    bar: float | None = None
    outcome: str = ""


def criteria_rows(figures: Figures, verdict: Verdict) -> list[Row]:
    """The rows that decide, in the order of the verdict's criteria."""
    known: dict[str, tuple[str, str, float]] = {
        "better than the middle": ("versus_centre", "insertion − deletion, minus a centre Gaussian's", 0.0),
        "in the right cells": (
            "localisation",
            "mosaics: energy in the right cells (0 chance, 1 attainable)",
            LOCALISATION,
        ),
        "depends on what was learned": (
            "randomised_head_spearman",
            "like maps after a random head (Spearman)",
            RANDOMISED,
        ),
        "stable under noise": ("noise_spearman", "like maps of the noisy image (Spearman)", NOISE),
        "on the evidence": ("evidence_versus_centre", "energy in the masks, minus a centre Gaussian's", 0.0),
    }
    rows = []
    for criterion in verdict.criteria:
        if criterion.name in known:
            key, name, bar = known[criterion.name]
            rows.append(Row(name, figures.get(key), bar, criterion.outcome))
    return rows


def draw_scores(title: str, verdict: Verdict, sections: Sequence[tuple[str, Sequence[Row]]], note: str) -> Image.Image:
    """The verdict, then each section's rows under its heading, as an RGB picture."""
    answer = wrap(verdict.text[:1].upper() + verdict.text[1:] + ".", WIDTH - 2 * MARGIN, TEXT + 2)
    lines = wrap(note, WIDTH - 2 * MARGIN, SMALL)
    top = MARGIN + TITLE + 10 + len(answer) * (TEXT + 8)
    height = top + sum(ROW + 6 + ROW * len(rows) for _, rows in sections) + 10 + len(lines) * (SMALL + 5) + MARGIN
    image = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, MARGIN), fit(title, WIDTH - 2 * MARGIN, TITLE), font=font(TITLE), fill=INK)
    colour = {True: COLOURS[PASSED], False: COLOURS[FAILED], None: INK}[verdict.trusted]
    for i, line in enumerate(answer):
        draw.text((MARGIN, MARGIN + TITLE + 10 + i * (TEXT + 8)), line, font=font(TEXT + 2), fill=colour)
    y = top + 6
    for heading, rows in sections:
        draw.text((MARGIN, y + 8), fit(heading, NAME - 24, TEXT), font=font(TEXT), fill=INK)
        draw.line((MARGIN, y + ROW, WIDTH - MARGIN, y + ROW), fill=EDGE)
        for value in TICKS:
            draw.text(
                (_place(value), y + ROW - 4), f"{value:g}".replace("-", "−"), font=font(SMALL), fill=MUTED, anchor="ms"
            )
        y += ROW + 6
        for row in rows:
            _draw_row(draw, row, y)
            y += ROW
    for i, line in enumerate(lines):
        draw.text((MARGIN, y + 10 + i * (SMALL + 5)), line, font=font(SMALL), fill=MUTED)
    return image


def _draw_row(draw: ImageDraw.ImageDraw, row: Row, y: int) -> None:
    middle, left = y + ROW // 2, MARGIN + NAME
    colour = COLOURS.get(row.outcome, BAR if row.outcome else INK)

    draw.text((MARGIN, middle), fit(row.name, NAME - 12, SMALL + 1), font=font(SMALL + 1), fill=INK, anchor="lm")
    draw.line((left, middle, left + AXIS, middle), fill=EDGE)
    draw.line((_place(0), middle - 4, _place(0), middle + 4), fill=EDGE)
    if row.bar is not None:
        draw.line((_place(row.bar), middle - 10, _place(row.bar), middle + 10), fill=BAR, width=2)
    said = "not scored"
    if row.found is not None:
        ends = _place(row.found.low), _place(row.found.high)
        draw.rectangle((ends[0], middle - 1, max(ends[1], ends[0] + 1), middle + 1), fill=colour)
        at = _place(row.found.value)
        draw.ellipse((at - RADIUS, middle - RADIUS, at + RADIUS, middle + RADIUS), fill=colour)
        said = text(row.found)
    x = left + AXIS + 16
    draw.text((x, middle), fit(said, FIGURE, SMALL + 1), font=font(SMALL + 1), fill=INK, anchor="lm")
    draw.text((x + FIGURE + 8, middle), row.outcome, font=font(SMALL + 1), fill=colour, anchor="lm")


def _place(value: float) -> int:
    """Where a value stands on the axis; beyond its ends, at the end."""
    return MARGIN + NAME + round(AXIS * (min(max(value, LOW), HIGH) - LOW) / (HIGH - LOW))
