"""The page of a network's activations: pictures and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import sqrt
from pathlib import Path

import numpy as np
import torch

from warmstart.dataset.image_store import ImageStore
from warmstart.drawing.png import save_png
from warmstart.interpretation.activations import messages
from warmstart.interpretation.activations.activation_sites import (
    RECTIFIERS,
    ActivationSite,
    find_activation_sites,
    is_gate,
    read_activation_maps,
    shown_layers,
    strongest_channels,
)
from warmstart.interpretation.activations.channel_images import N_STRONGEST, draw_layer, draw_overview, draw_top_photos
from warmstart.interpretation.activations.sparsity import (
    LINES,
    LayerShares,
    Sparsity,
    measure_sparsity,
    with_depth,
    write_sparsity_chart,
)
from warmstart.interpretation.examples import most_confident_right, spread_rows
from warmstart.interpretation.subject import Subject
from warmstart.records.pages import ActivationsPage, DepthTrends
from warmstart.statistics.intervals import CONFIDENCE, normal_quantile

MAX_PHOTOS = 256


def write_activations(subject: Subject, folder: Path) -> dict[str, object]:
    """Write overview.png, sparsity.png, top_photos.png, layers/<layer>.png and activations.json; returns the summary.

    Sparsity and top photos are of up to 256 test photos. The most confident right photo is shown. A network
    without a convolution has the JSON file alone.
    """
    model, recipe, images = subject.model, subject.recipe, subject.images
    example = most_confident_right(subject.examples)
    photo = np.array(images[example.row])
    batch = model.normalise(torch.from_numpy(photo[None]))
    sites = find_activation_sites(model.network, batch)
    if not sites:
        ActivationsPage(note=messages.NO_CONVOLUTION, layers=[]).write(folder / "activations.json")
        return {"layers": 0, "note": messages.NO_CONVOLUTION}
    maps = [one[0].numpy() for one in read_activation_maps(model.network, batch, sites)]
    what = f"{example.path}, p = {example.p:.3f}"
    shown = shown_layers(sites)
    pictures = {i: f"layers/{sites[i].name}.png" for i in shown}
    for i in shown:
        layer = sites[i].layer
        title = f"{recipe}: {sites[i].title}, {layer.channels} channels of {layer.height}×{layer.width}"
        save_png(draw_layer(maps[i], sites[i], title, f"{what}."), folder / pictures[i])
    some = [sites[i] for i in shown]
    note = messages.overview(what, any(site.activation is None for site in some))
    title = f"{recipe}: strongest channels by depth"
    save_png(draw_overview(photo, [maps[i] for i in shown], some, title, note), folder / "overview.png")

    rows = spread_rows(len(images), MAX_PHOTOS)
    watched = {i: strongest_channels(maps[i], N_STRONGEST) for i in shown}
    sparsity = measure_sparsity(model, images, rows, sites, watched, subject.options.batch_size)
    title, note = f"{recipe}: photos that excite a channel most", messages.top_photos(len(rows), what)
    save_png(draw_top_photos(images, sparsity.top, sites, title, note), folder / "top_photos.png")

    counted = [i for i, site in enumerate(sites) if site.activation is not None and not is_gate(sites, i)]
    shares = {i: _shares(i, sparsity) for i in counted}
    depth = DepthTrends(*(with_depth([of[key]["value"] for of in shares.values()]) for key in LINES))
    if counted:
        title = f"{recipe}: {messages.trend(depth.off)}"
        x_label = f"convolutions in order of depth; n = {len(rows)} photos"
        path = folder / "sparsity.png"
        write_sparsity_chart([sites[i] for i in counted], list(shares.values()), title, x_label, path)
    page = ActivationsPage(
        photos=len(rows),
        layers=[_record(i, sites, maps[i], sparsity, pictures.get(i), shares.get(i)) for i in range(len(sites))],
        counted=len(counted),
        depth=depth,
        photo={"path": example.path, "row": example.row, "p": example.p},
        meaning=messages.MEANINGS,
        top_photos=_top_photos(sparsity, sites, subject.store),
    )
    page.write(folder / "activations.json")  # last, as the sign that the pictures it names are there
    return {"photos": page.photos, "layers": len(sites), "counted": page.counted, "depth": asdict(depth)}


def _shares(i: int, sparsity: Sparsity) -> dict[str, dict[str, float]]:
    dead = int(sparsity.dead[i].sum())
    shares = {"off": _mean(sparsity.off[i]), "silent": _mean(sparsity.silent[i])}
    return {**shares, "dead": {"value": dead / len(sparsity.dead[i]), "channels": dead}}


def _record(
    i: int,
    sites: Sequence[ActivationSite],
    maps: np.ndarray,
    sparsity: Sparsity,
    picture: str | None,
    shares: LayerShares | None,
) -> dict[str, object]:
    site, layer = sites[i], sites[i].layer
    channels = strongest_channels(maps, N_STRONGEST)
    return {
        "name": layer.name,
        "short": site.title,
        "activation": site.activation,
        **{key: getattr(layer, key) for key in ("channels", "height", "width", "depthwise")},
        "gate": is_gate(sites, i),
        "picture": picture,
        "strongest": [{"channel": c, "mean": float(maps[c].mean()), "max": float(maps[c].max())} for c in channels],
        **(shares or dict.fromkeys(("off", "silent", "dead"))),
        "threshold": float(sparsity.threshold[i]) if shares and site.activation not in RECTIFIERS else 0.0,
    }


def _mean(values: np.ndarray) -> dict[str, float]:
    """The mean with its normal 95 % interval, cut to [0, 1]."""
    half = normal_quantile(CONFIDENCE) * float(values.std(ddof=1)) / sqrt(len(values)) if len(values) > 1 else 0.0
    value = float(values.mean())
    return {"value": value, "low": max(0.0, value - half), "high": min(1.0, value + half), "n": len(values)}


def _top_photos(sparsity: Sparsity, sites: Sequence[ActivationSite], store: ImageStore) -> list[dict[str, object]]:
    paths = [row.path for row in store.manifest("test")]
    records: list[dict[str, object]] = []
    for i, top in sparsity.top.items():
        for channel, rows, scores in zip(top.channels, top.rows, top.scores, strict=True):
            photos = [
                {"path": paths[row], "row": int(row), "mean": float(score)}
                for row, score in zip(rows, scores, strict=True)
                if score > 0
            ]
            records.append({"layer": sites[i].layer.name, "channel": channel, "photos": photos})
    return records
