"""The page of patterns: of a network's filters, layer by layer, as pictures and as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image

from warmstart.config.schema import Interpret
from warmstart.dataset.image_store import ImageStore
from warmstart.drawing.png import save_png
from warmstart.interpretation.conv_layers import input_gradients
from warmstart.interpretation.feature_visualization.activation_maximization import METHODS
from warmstart.interpretation.feature_visualization.fourier import colour_basis
from warmstart.interpretation.feature_visualization.layer_choice import ChosenLayer, choose_layers
from warmstart.interpretation.feature_visualization.optimize import Ascent, AscentSettings, Pattern
from warmstart.interpretation.feature_visualization.pattern_sheets import draw_grid, draw_methods
from warmstart.interpretation.feature_visualization.photo_activations import (
    Crop,
    PhotoActivations,
    activations_on_photos,
    sample_photos,
)
from warmstart.interpretation.receptive_field import receptive_field
from warmstart.models.image_model import ImageModel
from warmstart.records.interpretation import PageFigures
from warmstart.records.pages import PatternComparison, PatternLayer, PatternMedians, PatternsPage, PatternTiles

MAX_SIDE_PX = 112  # of a pattern; twice the photos' side where those are smaller
N_COMPARED = 8  # filters in compare.png
RECOGNISABLE_SHARE = 0.8  # of the activation kept after a transform


class FeatureVisualizer:
    """Made by ``feature_visualizer``. layers: those chosen, by depth. count: filters a layer. on_photos: by label."""

    def __init__(self, model: ImageModel, store: ImageStore, options: Interpret) -> None:
        self.model = model
        self.count = options.patterns
        self.photos = sample_photos(store)
        images = self.photos.images
        example = model.normalise(torch.from_numpy(images[:1]).to(model.mean.device))
        self.layers = choose_layers(model.network, example, options.pattern_layers)
        by_label = {chosen.label: chosen.layer for chosen in self.layers}
        self.on_photos = activations_on_photos(model, by_label, self.count, self.photos, options.batch_size)
        side = min(MAX_SIDE_PX, 2 * store.size)
        self.settings = AscentSettings(side, options.pattern_steps, colour_basis(images), options.seed)

    def optimize(self, chosen: ChosenLayer, method: str, max_count: int | None = None) -> list[Pattern]:
        """The patterns of the layer's first filters, at most ``max_count``, by ``plain`` or ``fourier``."""
        ascent = Ascent(self.model, chosen, method, self.on_photos[chosen.label], self.settings)
        return ascent.patterns(min(max_count or self.count, self.count))

    def crops(self, chosen: ChosenLayer) -> list[list[Crop]]:
        """The crops of photos that each of the layer's first filters responds to most."""
        field = receptive_field(self.model, chosen.layer, self.photos.images)
        on_photos = self.on_photos[chosen.label]
        return [on_photos.crops(self.photos, field, channel) for channel in range(len(on_photos.mean))]


@contextmanager
def feature_visualizer(model: ImageModel, store: ImageStore, options: Interpret) -> Iterator[FeatureVisualizer]:
    """Visualise a model, whose network is left as it was. Raises UserError for unknown layers and damaged weights."""
    with input_gradients(model.network):
        yield FeatureVisualizer(model, store, options)


def pattern_medians(patterns: Sequence[Pattern]) -> PatternMedians:
    """The metrics of a layer's patterns."""
    living = [p for p in patterns if not p.dead]
    kept = [p.kept for p in living if p.kept is not None]
    return PatternMedians(
        dead=len(patterns) - len(living),
        reached=median([p.reached for p in living]) if living else None,
        kept=median(kept) if kept else None,
        fine=median([p.fine for p in living]) if living else None,
        recognisable=sum(share >= RECOGNISABLE_SHARE for share in kept) / len(patterns),
    )


def write_patterns(
    model: ImageModel, recipe: str, store: ImageStore, options: Interpret, folder: Path
) -> tuple[list[PatternLayer], PatternComparison]:
    """Write into ``folder`` a grid ``<layer>.png`` for each layer, compare.png, and last patterns.json.

    Of each layer the first ``options.patterns`` filters are shown. Raises UserError for an unknown layer and for
    weights that are not finite.
    """
    layers, sheets = [], []
    with feature_visualizer(model, store, options) as visualizer:
        compared, known = _layer_to_compare(visualizer.layers), {}
        for chosen in visualizer.layers:
            how, crops = chosen.method, visualizer.crops(chosen)
            patterns = visualizer.optimize(chosen, how)
            if chosen is compared:
                known = {how: patterns[:N_COMPARED]}
            count, of = len(patterns), chosen.layer.channels
            title = f"{recipe}: what filters of {chosen.label} look for ({count} of {of})"
            grid = draw_grid(patterns, _pixels(crops), how, title)
            save_png(grid, folder / f"{chosen.label}.png")
            head = (chosen.label, chosen.layer.readout_name, f"{chosen.label}.png", how)
            layers.append(PatternLayer(*head, count, of, **asdict(pattern_medians(patterns))))
            on_photos = visualizer.on_photos[chosen.label]
            tiles = [_tile(p, on_photos, some) for p, some in zip(patterns, crops, strict=True)]
            sheets.append(PatternTiles(*head, tiles))
        picture, metrics = draw_comparison(visualizer, recipe, compared, known)
    save_png(picture, folder / "compare.png")
    side, photos = visualizer.settings.side, len(visualizer.photos.sources)
    page = PatternsPage(side, options.pattern_steps, options.seed, photos, sheets)
    page.write(folder / "patterns.json")
    return layers, PatternComparison(compared.label, **metrics)


def draw_comparison(
    visualizer: FeatureVisualizer,
    recipe: str,
    chosen: ChosenLayer,
    known: Mapping[str, Sequence[Pattern]] | None = None,
) -> tuple[Image.Image, dict[str, PatternMedians]]:
    """The first filters of a layer by both methods, one above the other, and the metrics of each.

    known: patterns that are there already, by method.
    """
    found = {how: (known or {}).get(how) or visualizer.optimize(chosen, how, N_COMPARED) for how in METHODS}
    title = f"{recipe}: filters of {chosen.label}, plain and regularised"
    picture = draw_methods(found, _pixels(visualizer.crops(chosen)[:N_COMPARED]), title)
    return picture, {how: pattern_medians(patterns) for how, patterns in found.items()}


def _layer_to_compare(layers: Sequence[ChosenLayer]) -> ChosenLayer:
    """A layer where the two methods differ: the middle one of those deep enough, else the deepest."""
    deep = [chosen for chosen in layers if chosen.method == "fourier"] or layers[-1:]
    return deep[len(deep) // 2]


def _pixels(crops: Sequence[Sequence[Crop]]) -> list[list[np.ndarray]]:
    return [[crop.pixels for crop in some] for some in crops]


def _tile(pattern: Pattern, on_photos: PhotoActivations, crops: Sequence[Crop]) -> PageFigures:
    """A tile of patterns.json. photos_reach: the most that a photo reaches, in standard deviations of photos."""
    photos = [{"path": crop.path, "split": crop.split, "row": crop.row, "box": list(crop.box)} for crop in crops]
    return {
        **{key: getattr(pattern, key) for key in ("channel", "dead", "reached", "warped", "kept", "fine")},
        "photos_reach": on_photos.standardise(pattern.channel, float(on_photos.most[pattern.channel])),
        "photos": [] if pattern.dead else photos,
    }
