"""The picture of reach."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from warmstart.drawing.colormap import overlay_heatmap
from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.lesson.convolution.reach import NETWORKS, Reach, measure_reach, receptive_fields

SIDE = 132


def draw_reach(grey: np.ndarray) -> tuple[Image.Image, dict[str, Any]]:
    """By network two rows: what the middle output of each layer sees of the image, and where the image's middle pixel is felt.

    grey: float (H, W) in [0, 1], shown pale below. The figures: by network and layer the map's side, the receptive field as
    measured and by the formula, and the share of the map that one pixel reaches.
    """
    rows: list[list[Tile | None]] = []
    labels: list[str] = []
    figures: dict[str, Any] = {}
    for network, (size, layers) in NETWORKS.items():
        reaches = measure_reach(size, layers)
        shown = np.asarray(
            Image.fromarray(np.rint(255 * grey).astype(np.uint8)).resize((size, size), Image.Resampling.BILINEAR)
        )
        rows.append(
            _row(
                {
                    reach.name: Tile(_over(shown, reach), f"{reach.name} sees {reach.sees}×{reach.sees} px")
                    for reach in reaches
                }
            )
        )
        rows.append(
            _row(
                {
                    reach.name: Tile(_felt(reach), f"{reach.side}×{reach.side}: {_percent(reach.felt)} of it")
                    for reach in reaches
                }
            )
        )
        labels += [
            f"{network}, {size}×{size} px: the part of the image that one output depends on",
            "the part of the map that one pixel of the image reaches",
        ]
        figures[network] = {
            reach.name: {
                "map_side": reach.side,
                "sees": reach.sees,
                "formula": formula,
                "one_pixel_reaches": reach.felt,
            }
            for reach, formula in zip(reaches, receptive_fields(layers), strict=True)
        }
    (_, pooled), (_, plain) = list(figures.items())[:2]
    note = (
        "Bright: counts for it; the middle counts most, because most paths lead there. With pooling the third convolution sees "
        f"{pooled['conv 3']['sees']} pixels across and one pixel reaches {_percent(pooled['conv 3']['one_pixel_reaches'])} of its map; without, "
        f"{plain['conv 3']['sees']} pixels and {_percent(plain['conv 3']['one_pixel_reaches'])}. What an output cannot see, it cannot use."
    )
    return draw_sheet(
        rows, "Reach: how far one pixel goes, with and without pooling", note, side=SIDE, labels=labels
    ), figures


def _row(tiles: dict[str, Tile]) -> list[Tile | None]:
    """Tiles by layer, each in its layer's column, so that the same layer of all networks stands below one another."""
    places = {
        f"{kind} {number}": 2 * (number - 1) + (kind == "pool") for number in range(1, 5) for kind in ("conv", "pool")
    }
    row: list[Tile | None] = [None] * (1 + max(places[name] for name in tiles))
    for name, tile in tiles.items():
        row[places[name]] = tile
    return row


def _over(shown: np.ndarray, reach: Reach) -> np.ndarray:
    """The sensitivity as heat over the pale image; where it ends is seen, however little the border counts."""
    seen = reach.sensitivity > 0
    pale = 128 + shown.astype(np.float64) / 2
    return overlay_heatmap(pale, np.where(seen, 0.25 + 0.75 * np.sqrt(reach.sensitivity), 0))


def _felt(reach: Reach) -> np.ndarray:
    reached = reach.answer > 0
    return overlay_heatmap(
        np.full(reach.answer.shape, 225.0), np.where(reached, 0.25 + 0.75 * np.sqrt(reach.answer), 0)
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1g} %"
