"""The sheet of padding and strides: where a 3×3 window fits on a 5×5 image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.sheet import INK, MARGIN_PX, MUTED, PAPER, TEXT_PX, heading
from warmstart.drawing.text_layout import font
from warmstart.lesson import messages
from warmstart.lesson.convolution.convolve import convolve, output_size
from warmstart.lesson.convolution.matrix import draw_cell, format_number, tint

INPUT = np.array(
    [[1, 0, 2, 1, 0], [0, 3, 1, 0, 2], [2, 1, 0, 1, 1], [0, 2, 1, 3, 0], [1, 0, 2, 0, 1]], dtype=np.float32
)
KERNEL = np.ones((3, 3), dtype=np.float32)  # the sum of the window: everyone can check it
WIDTH_PX, TOP_PX, CELL_PX, THUMBNAIL_CELL_PX = 1180, 92, 34, 9
GRID_PX = 7 * CELL_PX  # the padded image
WINDOW, WINDOW_FILL, ZERO_FILL = (0, 114, 178), (214, 230, 243), (240, 240, 243)


@dataclass(frozen=True)
class Case:
    """A choice of padding and stride."""

    name: str
    padding: int
    stride: int

    @property
    def side(self) -> int:
        """Side of the output, by the formula."""
        return output_size(5, 3, stride=self.stride, padding=self.padding)


CASES = (
    Case("no padding", 0, 1),
    Case("zero padding of 1", 1, 1),
    Case("stride 2", 0, 2),
    Case("zero padding of 1, stride 2", 1, 2),
)


@dataclass(frozen=True)
class PaddingMetrics:
    """The output's shape by the formula and as PyTorch gives it, and its numbers."""

    formula: list[int]
    torch: list[int]
    output: list[list[float]]


def draw_padding() -> tuple[Image.Image, dict[str, PaddingMetrics]]:
    """For each case the padded image, every place of the window, and the output with its numbers; and its metrics."""
    band = GRID_PX + 62
    image = Image.new("RGB", (WIDTH_PX, TOP_PX + 2 * band + MARGIN_PX), PAPER)
    draw = ImageDraw.Draw(image)
    image.paste(heading(*messages.PADDING, WIDTH_PX), (0, 0))
    metrics = {}
    for index, case in enumerate(CASES):
        row, column = divmod(index, 2)
        output = convolve(INPUT, [KERNEL], stride=case.stride, padding=case.padding)[0]
        _draw_case(draw, case, output, MARGIN_PX + column * (WIDTH_PX // 2), TOP_PX + row * band)
        metrics[case.name] = PaddingMetrics([case.side] * 2, list(output.shape), output.tolist())
    return image, metrics


def _draw_case(draw: ImageDraw.ImageDraw, case: Case, output: np.ndarray, x: int, y: int) -> None:
    padded = 5 + 2 * case.padding
    title = f"{case.name}: 5×5 → {output.shape[0]}×{output.shape[1]}"
    draw.text((x, y), title, font=font(TEXT_PX + 2), fill=INK)
    y += 30
    shift = (7 - padded) * CELL_PX // 2  # the image itself stays in one place
    values = np.pad(INPUT, case.padding)
    inside = np.pad(np.ones_like(INPUT, dtype=bool), case.padding)
    for (r, c), value in np.ndenumerate(values):
        fill, ink = (PAPER, INK) if inside[r, c] else (ZERO_FILL, MUTED)
        left, top = x + shift + c * CELL_PX, y + shift + r * CELL_PX
        draw_cell(draw, left, top, CELL_PX, format_number(float(value)), fill, ink)
    corner = x + shift, y + shift
    draw.rectangle((*corner, corner[0] + 3 * CELL_PX, corner[1] + 3 * CELL_PX), outline=WINDOW, width=3)
    left = x + GRID_PX + 18
    cell = THUMBNAIL_CELL_PX if padded == 5 or case.side < 5 else 4
    step = padded * cell + 5
    top = y + (GRID_PX - case.side * step) // 2
    for r, c in np.ndindex(case.side, case.side):
        _draw_thumbnail(draw, left + c * step, top + r * step, cell, padded, r * case.stride, c * case.stride)
    left = max(left + case.side * step + 14, x + GRID_PX + 168)
    cell = min(CELL_PX, (WIDTH_PX // 2 - MARGIN_PX - (left - x)) // output.shape[1])
    top = y + (GRID_PX - cell * output.shape[0]) // 2
    for (r, c), value in np.ndenumerate(output.astype(float)):
        draw_cell(draw, left + c * cell, top + r * cell, cell, format_number(value), tint(-value / 20))


def _draw_thumbnail(draw: ImageDraw.ImageDraw, x: int, y: int, cell: int, padded: int, row: int, column: int) -> None:
    """The padded image as a small square with the window at one place."""
    side = padded * cell
    draw.rectangle((x, y, x + side, y + side), fill=ZERO_FILL if padded > 5 else PAPER, outline=MUTED)
    if padded > 5:
        draw.rectangle((x + cell, y + cell, x + 6 * cell, y + 6 * cell), fill=PAPER)
    box = (x + column * cell, y + row * cell, x + (column + 3) * cell, y + (row + 3) * cell)
    draw.rectangle(box, fill=WINDOW_FILL, outline=WINDOW)
