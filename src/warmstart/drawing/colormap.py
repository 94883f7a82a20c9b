"""Numbers to colours, for heat maps over photos."""

from __future__ import annotations

import numpy as np

# Dark violet through red and orange to pale yellow. Lightness rises evenly: readable in grey print too.
HEAT = ((0.0, (8, 4, 28)), (0.3, (96, 18, 110)), (0.55, (200, 50, 76)), (0.8, (251, 150, 30)), (1.0, (252, 250, 170)))
NEGATIVE, POSITIVE = (30, 90, 200), (215, 30, 40)  # blue and red


def heat(values: np.ndarray) -> np.ndarray:
    """Colours of values in [0, 1], of any shape S: float64 S + (3,) in [0, 255]. Values outside are clipped."""
    stops = [stop for stop, _ in HEAT]
    return np.stack([np.interp(values, stops, [colour[i] for _, colour in HEAT]) for i in range(3)], axis=-1)


def overlay_heatmap(grey: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """A heat map over a grey photo, uint8 (H, W, 3): the stronger the evidence, the less photo.

    grey: (H, W) in [0, 255]. evidence: (H, W) in [0, 1].
    """
    share = 0.75 * np.clip(evidence, 0, 1)[..., None] ** 0.7
    return to_uint8((1 - share) * grey[..., None] + share * heat(evidence))


def overlay_signed(grey: np.ndarray, signed: np.ndarray) -> np.ndarray:
    """Evidence for (red) and against (blue) over a grey photo, uint8 (H, W, 3).

    grey: (H, W) in [0, 255]. signed: (H, W) in [-1, 1]; at 0 only the photo is seen.
    """
    share = 0.85 * np.clip(np.abs(signed), 0, 1)[..., None]
    colour = np.where(signed[..., None] > 0, np.array(POSITIVE, dtype=np.float64), np.array(NEGATIVE, dtype=np.float64))
    return to_uint8((1 - share) * grey[..., None] + share * colour)


def grey_pixels(values: np.ndarray, white: float = 1.0) -> np.ndarray:
    """Values (H, W) as uint8 (H, W, 1): 0 is black and ``white`` is white."""
    return to_uint8(255 * np.clip(_scaled(values, white), 0, 1))[..., None]


def signed_pixels(values: np.ndarray, end: float) -> np.ndarray:
    """Signed values (H, W) as uint8 (H, W, 3): 0 is white, ``end`` red, −``end`` blue."""
    return overlay_signed(np.full(values.shape, 255.0), np.clip(_scaled(values, end), -1, 1))


def _scaled(values: np.ndarray, end: float) -> np.ndarray:
    return values / end if end > 0 else np.zeros_like(values)


def to_uint8(values: np.ndarray) -> np.ndarray:
    """Values of any shape, rounded and clipped to [0, 255]."""
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)
