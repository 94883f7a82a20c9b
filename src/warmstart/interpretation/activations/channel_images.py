"""Channels as pictures: all of a layer on one sheet, and the strongest of every layer below one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from warmstart.drawing.colour import heat, signed_over
from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.interpretation.activations.activation_sites import Site
from warmstart.interpretation.activations.selection import strongest

WIDTH, GAP = 1000, 2
# Up to so many channels: so many tiles a row.
ROWS_OF = ((32, 8), (256, 16), (600, 32), (10**9, 40))
BIG, STRONGEST = 104, 8
PALE = 232  # the grey of 0 where values have both signs
PALETTE = np.rint(heat(np.arange(256) / 255)).astype(np.uint8)


def draw_layer(maps: np.ndarray, site: Site, title: str, note: str) -> Image.Image:
    """Every channel of a layer's maps of one photo, float32 (C, h, w), in reading order, each on its own scale."""
    count = len(maps)
    columns = next(columns for most, columns in ROWS_OF if count <= most)
    side = WIDTH // columns - GAP
    tiles = channel_pixels(maps, side, signed=site.activation is None)
    mosaic = np.full((-(-count // columns) * (side + GAP) - GAP, columns * (side + GAP) - GAP, 3), 255, dtype=np.uint8)
    for i, tile in enumerate(tiles):
        y, x = (side + GAP) * (i // columns), (side + GAP) * (i % columns)
        mosaic[y : y + side, x : x + side] = tile
    place = f"Channels 0 to {count - 1}, {min(columns, count)} a row. {scale_words(site)}"
    sheet = draw_sheet([[Tile(mosaic)]], title, f"{note} {place}", side=mosaic.shape[1], height=mosaic.shape[0])
    return quantise(sheet)


def draw_overview(
    photo: np.ndarray, maps: Sequence[np.ndarray], sites: Sequence[Site], title: str, note: str
) -> Image.Image:
    """The photo, uint8 (H, W, C), then for each layer its eight strongest channels, strongest first.

    maps: float32 (C, h, w) of each of ``sites``.
    """
    rows: list[list[Tile | None]] = [[Tile(photo)]]
    labels = ["the photo"]
    for layer, site in zip(maps, sites, strict=True):
        channels = strongest(layer, STRONGEST)
        tiles = channel_pixels(layer[channels], BIG, signed=site.activation is None)
        rows.append([Tile(tile, str(channel)) for tile, channel in zip(tiles, channels, strict=True)])
        labels.append(f"{site.title}: {site.layer.channels} channels of {site.layer.height}×{site.layer.width}")
    return quantise(draw_sheet(rows, title, note, side=BIG, labels=labels))


def channel_pixels(maps: np.ndarray, side: int, *, signed: bool = False) -> np.ndarray:
    """Maps, float32 (C, h, w), as uint8 (C, side, side, 3), each on its own scale: 0 or less is the darkest colour and the
    channel's largest value the brightest; with ``signed``, red is above 0 and blue below, and 0 is pale grey.
    """
    planes = torch.from_numpy(np.ascontiguousarray(maps, dtype=np.float32))[:, None]
    shrink = max(maps.shape[1:]) > side
    sized = functional.interpolate(planes, (side, side), mode="area" if shrink else "nearest-exact")[:, 0].numpy()
    sized = sized if signed else sized.clip(min=0)
    ends = np.abs(sized).max(axis=(1, 2), keepdims=True)
    scaled = np.divide(sized, ends, out=np.zeros_like(sized), where=ends > 0)
    if signed:
        return signed_over(np.full(scaled.shape, float(PALE)), scaled)
    pixels: np.ndarray = PALETTE[np.rint(255 * scaled).astype(np.uint8)]
    return pixels


def scale_words(site: Site) -> str:
    """What the colours of a layer's tiles mean."""
    if site.activation is None:
        return "No non-linearity follows; red is above 0, blue below, each channel on its own scale."
    return f"After {site.activation}; dark is 0, each channel on its own scale, and all dark is silent on this photo."


def quantise(image: Image.Image, *, photos: bool = False) -> Image.Image:
    """The picture with a palette of 256 colours, a third of the bytes. photos: with dots between them, where bands would show."""
    palette = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) if photos else palette
