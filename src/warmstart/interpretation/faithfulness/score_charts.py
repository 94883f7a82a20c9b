"""Charts of the scores: each criterion with its interval and bar, and some scored photos with their curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.colormap import overlay_heatmap, overlay_signed
from warmstart.drawing.sheet import EDGE, INK, MARGIN_PX, MUTED, PAPER, SMALL_PX, TEXT_PX, TITLE_PX, Tile, draw_sheet
from warmstart.drawing.text_layout import ellipsize, font, wrap
from warmstart.interpretation.attribution.gradcam import upsample
from warmstart.interpretation.faithfulness.controls import centre_gaussian, edge_maps
from warmstart.interpretation.faithfulness.deletion_insertion import Curves, DeletionInsertion
from warmstart.interpretation.faithfulness.messages import CRITERIA, EXAMPLES_NOTE, format_interval, format_signed
from warmstart.interpretation.faithfulness.verdict import FAILED, NOT_SCORED, PASSED, RULES, Verdict
from warmstart.statistics.intervals import Interval

WIDTH_PX, NAME_PX, AXIS_PX, VALUE_PX = 1020, 380, 290, 190
ROW_PX, RADIUS_PX = 30, 5
LOW, HIGH, TICKS = -0.5, 1.0, (-0.5, 0.0, 0.5, 1.0)
COLOURS = {PASSED: (0, 114, 178), FAILED: (213, 94, 0)}
BAR = (120, 120, 130)
EXAMPLE_PX = 176
EXAMPLE_COLUMNS = ("photo", "Grad-CAM", "middle", "edges", "deletion", "insertion")
GRID = (225, 225, 230)
CURVE_COLOURS = {"Grad-CAM": (0, 114, 178), "middle": (230, 159, 0), "edges": (150, 150, 160)}


@dataclass(frozen=True)
class Row:
    """A line of the chart. bar: which the value must be beyond, None where nothing depends on it. outcome: a word."""

    name: str
    found: Interval | None
    bar: float | None = None
    outcome: str = ""


def criteria_rows(metrics: Mapping[str, Interval | None], verdict: Verdict) -> list[Row]:
    """The rows that decide, in the order of the verdict's criteria."""
    outcomes = {criterion.name: criterion.outcome for criterion in verdict.criteria}
    return [
        Row(CRITERIA[rule.name][1], metrics.get(rule.key), rule.bar, outcomes[rule.name])
        for rule in RULES
        if rule.name in outcomes
    ]


def draw_scores(title: str, verdict: Verdict, sections: Sequence[tuple[str, Sequence[Row]]], note: str) -> Image.Image:
    """The verdict, then each section's rows under its heading, as an RGB picture."""
    width = WIDTH_PX - 2 * MARGIN_PX
    text = wrap(verdict.text[:1].upper() + verdict.text[1:] + ".", width, TEXT_PX + 2)
    lines = wrap(note, width, SMALL_PX)
    top = MARGIN_PX + TITLE_PX + 10 + len(text) * (TEXT_PX + 8)
    rows_height = sum(ROW_PX + 6 + ROW_PX * len(rows) for _, rows in sections)
    image = Image.new("RGB", (WIDTH_PX, top + rows_height + 10 + len(lines) * (SMALL_PX + 5) + MARGIN_PX), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN_PX, MARGIN_PX), ellipsize(title, width, TITLE_PX), font=font(TITLE_PX), fill=INK)
    colour = {True: COLOURS[PASSED], False: COLOURS[FAILED], None: INK}[verdict.trusted]
    for i, line in enumerate(text):
        draw.text((MARGIN_PX, MARGIN_PX + TITLE_PX + 10 + i * (TEXT_PX + 8)), line, font=font(TEXT_PX + 2), fill=colour)
    y = top + 6
    for heading, rows in sections:
        draw.text((MARGIN_PX, y + 8), ellipsize(heading, NAME_PX - 24, TEXT_PX), font=font(TEXT_PX), fill=INK)
        draw.line((MARGIN_PX, y + ROW_PX, WIDTH_PX - MARGIN_PX, y + ROW_PX), fill=EDGE)
        for value in TICKS:
            tick = f"{value:g}".replace("-", "−")
            draw.text((_x(value), y + ROW_PX - 4), tick, font=font(SMALL_PX), fill=MUTED, anchor="ms")
        y += ROW_PX + 6
        for row in rows:
            _draw_row(draw, row, y)
            y += ROW_PX
    for i, line in enumerate(lines):
        draw.text((MARGIN_PX, y + 10 + i * (SMALL_PX + 5)), line, font=font(SMALL_PX), fill=MUTED)
    return image


def _draw_row(draw: ImageDraw.ImageDraw, row: Row, y: int) -> None:
    middle, left = y + ROW_PX // 2, MARGIN_PX + NAME_PX
    colour = COLOURS.get(row.outcome, BAR if row.outcome else INK)

    def write(x: int, text: str, fill: tuple[int, int, int]) -> None:
        draw.text((x, middle), text, font=font(SMALL_PX + 1), fill=fill, anchor="lm")

    write(MARGIN_PX, ellipsize(row.name, NAME_PX - 12, SMALL_PX + 1), INK)
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
    write(x, ellipsize(value, VALUE_PX, SMALL_PX + 1), INK)
    write(x + VALUE_PX + 8, row.outcome, colour)


def _x(value: float) -> int:
    """The pixel of a value on the axis; beyond its ends, at the end."""
    return MARGIN_PX + NAME_PX + round(AXIS_PX * (min(max(value, LOW), HIGH) - LOW) / (HIGH - LOW))


def draw_examples(perturbation: DeletionInsertion, known: Mapping[str, Curves], count: int, title: str) -> Image.Image:
    """The first ``count`` images of its sample, a row each. known: the curves of ``Grad-CAM`` and ``middle``."""
    sample = perturbation.sample
    count = min(count, len(sample.images))
    edges = upsample(edge_maps(sample.images[:count], sample.cam_layer.cells), sample.size)
    maps = {
        "Grad-CAM": sample.large[:count],
        "middle": np.broadcast_to(centre_gaussian(sample.size), edges.shape),
        "edges": edges,
    }
    curves = {**known, "edges": perturbation.curves(edges, count)}
    scores = {key: curves[key].scores for key in maps}
    rows: list[list[Tile | None]] = []
    for i, (photo, e) in enumerate(zip(sample.images[:count], sample.examples, strict=False)):
        grey = photo.astype(np.float64).mean(axis=2)
        caption = f"{sample.model.classes[e.label]}, p = {perturbation.ends['clean'][i]:.2f}"
        tiles: list[Tile | None] = [Tile(photo, caption)]
        for key, these in maps.items():
            caption = f"insertion − deletion {format_signed(scores[key][i], plus=True)}"
            tiles.append(Tile(_evidence(grey, these[i]), caption))
        for kind in ("deletion", "insertion"):
            tiles.append(Tile(draw_curves({key: getattr(curves[key], kind)[i] for key in maps})))
        rows.append(tiles)
    return draw_sheet(rows, title, EXAMPLES_NOTE, side=EXAMPLE_PX, columns=EXAMPLE_COLUMNS)


def draw_curves(curves: Mapping[str, np.ndarray]) -> np.ndarray:
    """Curves of p in [0, 1], (steps + 1,) each, over the share of pixels: uint8 (176, 176, 3).

    curves: by the names of ``CURVE_COLOURS``.
    """
    side = EXAMPLE_PX
    image = Image.new("RGB", (side, side), PAPER)
    draw = ImageDraw.Draw(image)
    left, right, top, bottom = 20, side - 6, 8, side - 16
    for value in (0.0, 0.5, 1.0):
        y = bottom - round(value * (bottom - top))
        draw.line((left, y, right, y), fill=GRID)
        draw.text((left - 4, y), f"{value:g}", font=font(9), fill=MUTED, anchor="rm")
    for share, anchor in ((0, "lt"), (0.5, "mt"), (1, "rt")):
        text = ellipsize(f"{100 * share:g} %", 60, 9)
        draw.text((left + share * (right - left), bottom + 4), text, font=font(9), fill=MUTED, anchor=anchor)
    for key in reversed(list(curves)):
        values: list[float] = curves[key].tolist()
        points = [
            (left + i / (len(values) - 1) * (right - left), bottom - p * (bottom - top)) for i, p in enumerate(values)
        ]
        draw.line(points, fill=CURVE_COLOURS[key], width=2)
    return np.asarray(image)


def _evidence(grey: np.ndarray, values: np.ndarray) -> np.ndarray:
    top = float(values.max())
    if top > 0:
        return overlay_heatmap(grey, np.clip(values, 0, None) / top)
    return overlay_signed(grey, np.zeros_like(values))
