"""Channels as pictures: all of a layer, the strongest of every layer, and the photos that excite channels most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from warmstart.dataset.row_array import Rows
from warmstart.drawing.colormap import heat, overlay_signed, to_uint8
from warmstart.drawing.sheet import Tile, draw_sheet, mosaic, resize_to_fit
from warmstart.interpretation.activations.activation_sites import ActivationSite, strongest_channels
from warmstart.interpretation.activations.sparsity import TopPhotos

WIDTH_PX, GAP = 1000, 2
COLUMNS = ((32, 8), (256, 16), (600, 32), (10**9, 40))  # up to so many channels: so many tiles a row
OVERVIEW_PX, N_STRONGEST = 104, 8
ZERO_GREY = 232  # where values have both signs
PALETTE = to_uint8(heat(np.arange(256) / 255))
# Photos that excite a channel: channels a layer, photos a channel, photos a row, and their side.
N_CHANNELS, N_PHOTOS, PHOTO_COLUMNS, PHOTO_PX = 6, 6, 3, 60
BLOCK_GREY = (240, 240, 243)


def draw_layer(maps: np.ndarray, site: ActivationSite, title: str, note: str) -> Image.Image:
    """Every channel of a layer's maps of one photo, float32 (C, h, w), in reading order, each on its own scale."""
    count = len(maps)
    columns = next(columns for most, columns in COLUMNS if count <= most)
    side = WIDTH_PX // columns - GAP
    tiles = [Image.fromarray(tile) for tile in channel_pixels(maps, side, signed=site.activation is None)]
    pixels = np.asarray(mosaic(tiles, columns, -(-count // columns), side, GAP))
    order = f"Channels 0 to {count - 1}, {min(columns, count)} a row."
    note = f"{note} {order} {colour_key(site)}"
    return quantise(draw_sheet([[Tile(pixels)]], title, note, side=pixels.shape[1], height=pixels.shape[0]))


def draw_overview(
    photo: np.ndarray, maps: Sequence[np.ndarray], sites: Sequence[ActivationSite], title: str, note: str
) -> Image.Image:
    """The photo, uint8 (H, W, C), then each site's eight strongest channels of its maps, float32 (C, h, w)."""
    rows: list[list[Tile | None]] = [[Tile(photo)]]
    labels = ["the photo"]
    for layer, site in zip(maps, sites, strict=True):
        channels = strongest_channels(layer, N_STRONGEST)
        tiles = channel_pixels(layer[channels], OVERVIEW_PX, signed=site.activation is None)
        rows.append([Tile(tile, str(channel)) for tile, channel in zip(tiles, channels, strict=True)])
        labels.append(f"{site.title}: {site.layer.channels} channels of {site.layer.height}×{site.layer.width}")
    return quantise(draw_sheet(rows, title, note, side=OVERVIEW_PX, labels=labels))


def draw_top_photos(
    images: Rows, top: Mapping[int, TopPhotos], sites: Sequence[ActivationSite], title: str, note: str
) -> Image.Image:
    """A row for each layer, in it a block of photos for each of its first channels, best at the top left.

    Photos that do not excite the channel are left out. images: uint8 (N, H, W, C), which the rows of ``top`` count.
    """
    lines = -(-N_PHOTOS // PHOTO_COLUMNS)
    rows = []
    for index, found in top.items():
        each = list(zip(found.channels, found.rows, found.scores, strict=True))[:N_CHANNELS]
        tiles = []
        for channel, photos, scores in each:
            some = [images[row] for row, score in zip(photos, scores, strict=True) if score > 0][:N_PHOTOS]
            squares = [resize_to_fit(photo, PHOTO_PX) for photo in some]
            block = mosaic(squares, PHOTO_COLUMNS, lines, PHOTO_PX, GAP, BLOCK_GREY)
            tiles.append(Tile(np.asarray(block), f"{sites[index].title}: {channel}"))
        rows.append(tiles)
    width, height = (count * (PHOTO_PX + GAP) - GAP for count in (PHOTO_COLUMNS, lines))
    return quantise(draw_sheet(rows, title, note, side=width, height=height), photos=True)


def channel_pixels(maps: np.ndarray, side: int, *, signed: bool = False) -> np.ndarray:
    """Maps, float32 (C, h, w), as uint8 (C, side, side, 3), each on its own scale; 0 or less is the darkest colour.

    signed: red is above 0, blue below, and 0 is pale grey.
    """
    planes = torch.from_numpy(np.ascontiguousarray(maps, dtype=np.float32))[:, None]
    mode = "area" if max(maps.shape[1:]) > side else "nearest-exact"
    sized = functional.interpolate(planes, (side, side), mode=mode)[:, 0].numpy()
    sized = sized if signed else sized.clip(min=0)
    ends = np.abs(sized).max(axis=(1, 2), keepdims=True)
    scaled = np.divide(sized, ends, out=np.zeros_like(sized), where=ends > 0)
    if signed:
        return overlay_signed(np.full(scaled.shape, float(ZERO_GREY)), scaled)
    return np.asarray(PALETTE[np.rint(255 * scaled).astype(np.uint8)])


def colour_key(site: ActivationSite) -> str:
    """The meaning of the colours of a layer's tiles."""
    if site.activation is None:
        return "No non-linearity follows; red is above 0, blue below, each channel on its own scale."
    return f"After {site.activation}; dark is 0, each channel on its own scale, and all dark is silent on this photo."


def quantise(image: Image.Image, *, photos: bool = False) -> Image.Image:
    """The picture with a palette of 256 colours, a third of the bytes. photos: dithered, where bands would show."""
    palette = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) if photos else palette
