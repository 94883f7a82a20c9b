"""Borders: where a 3×3 window fits on a 5×5 image, and what padding and stride make of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.sheet import INK, MARGIN_PX, MUTED, PAPER, SMALL_PX, TEXT_PX, TITLE_PX
from warmstart.drawing.text import font
from warmstart.lesson.convolution.respond import output_side, respond
from warmstart.lesson.convolution.tiles import draw_cell, number, tint

INPUT = np.array(
    [[1, 0, 2, 1, 0], [0, 3, 1, 0, 2], [2, 1, 0, 1, 1], [0, 2, 1, 3, 0], [1, 0, 2, 0, 1]], dtype=np.float32
)
KERNEL = np.ones((3, 3), dtype=np.float32)  # the sum of the window: everyone can check it
CELL, MINI = 34, 9
WINDOW, CENTRE, ZERO = (0, 114, 178), (214, 230, 243), (240, 240, 243)


@dataclass(frozen=True)
class Case:
    """A way of laying windows on the image."""

    name: str
    padding: int
    stride: int

    @property
    def side(self) -> int:
        """Of the output, by the formula."""
        return output_side(5, 3, stride=self.stride, padding=self.padding)


CASES = (
    Case("no padding", 0, 1),
    Case("zero padding of 1", 1, 1),
    Case("stride 2", 0, 2),
    Case("zero padding of 1, stride 2", 1, 2),
)


def draw_border() -> tuple[Image.Image, dict[str, Any]]:
    """For each case the padded image, every place of the window, and the output with its numbers.

    The figures: by case the output's side by the formula and as PyTorch gives it, and its numbers.
    """
    band = 7 * CELL + 62
    width = 1180
    image = Image.new("RGB", (width, 92 + 2 * band + MARGIN_PX), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN_PX, MARGIN_PX), "Border effects: a 3×3 window on a 5×5 image", font=font(TITLE_PX), fill=INK)
    lines = (
        "Left the image with its padding (grey zeros) and the window at its first place; in the middle every place where the window fits; right "
        "what comes out.",
        "The kernel here is nine ones, so each number that comes out is the sum of the nine below it. Side of the output: "
        "⌊(5 + 2 · padding − 3) / stride⌋ + 1.",
    )
    for i, line in enumerate(lines):
        draw.text((MARGIN_PX, MARGIN_PX + TITLE_PX + 10 + i * (SMALL_PX + 5)), line, font=font(SMALL_PX), fill=MUTED)
    figures: dict[str, Any] = {}
    for index, case in enumerate(CASES):
        row, column = divmod(index, 2)
        answer = respond(INPUT, [KERNEL], stride=case.stride, padding=case.padding)[0]
        _draw_case(draw, case, answer, MARGIN_PX + column * (width // 2), 92 + row * band)
        figures[case.name] = {"formula": [case.side] * 2, "torch": list(answer.shape), "output": answer.tolist()}
    return image, figures


def _draw_case(draw: ImageDraw.ImageDraw, case: Case, answer: np.ndarray, x: int, y: int) -> None:
    padded = 5 + 2 * case.padding
    draw.text((x, y), f"{case.name}: 5×5 → {answer.shape[0]}×{answer.shape[1]}", font=font(TEXT_PX + 2), fill=INK)
    y += 30
    shift = (7 - padded) * CELL // 2  # the image itself stays in one place
    for r in range(padded):
        for c in range(padded):
            i, j = r - case.padding, c - case.padding
            real = 0 <= i < 5 and 0 <= j < 5
            place = (x + shift + c * CELL, y + shift + r * CELL)
            draw_cell(
                draw,
                *place,
                CELL,
                number(float(INPUT[i, j])) if real else "0",
                PAPER if real else ZERO,
                INK if real else MUTED,
            )
    draw.rectangle((x + shift, y + shift, x + shift + 3 * CELL, y + shift + 3 * CELL), outline=WINDOW, width=3)
    left = x + 7 * CELL + 18
    small = MINI if padded == 5 or case.side < 5 else 4
    step = padded * small + 5
    top = y + (7 * CELL - case.side * step) // 2
    for r in range(case.side):
        for c in range(case.side):
            _mini(draw, left + c * step, top + r * step, small, padded, r * case.stride, c * case.stride)
    left = max(left + case.side * step + 14, x + 7 * CELL + 168)
    cell = min(CELL, (590 - MARGIN_PX - (left - x)) // answer.shape[1])
    top = y + (7 * CELL - cell * answer.shape[0]) // 2
    for (r, c), value in np.ndenumerate(answer):
        draw_cell(draw, left + c * cell, top + r * cell, cell, number(float(value)), tint(-float(value) / 20))


def _mini(draw: ImageDraw.ImageDraw, x: int, y: int, small: int, padded: int, row: int, column: int) -> None:
    """The padded image as a small square with the window at one place."""
    draw.rectangle((x, y, x + padded * small, y + padded * small), fill=ZERO if padded > 5 else PAPER, outline=MUTED)
    if padded > 5:
        draw.rectangle((x + small, y + small, x + 6 * small, y + 6 * small), fill=PAPER)
    box = (x + column * small, y + row * small, x + (column + 3) * small, y + (row + 3) * small)
    draw.rectangle(box, fill=CENTRE, outline=WINDOW)
