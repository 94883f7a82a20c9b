"""A network whose features are visualised: its layers, their response to photos, and the patterns of their filters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from warmstart.config.schema import Interpret
from warmstart.data.store import ImageStore
from warmstart.errors import UserError
from warmstart.interpretation.conv_layers import input_gradients
from warmstart.interpretation.feature_visualization.activation_maximization import METHODS
from warmstart.interpretation.feature_visualization.fourier import colour_basis
from warmstart.interpretation.feature_visualization.layer_choice import ChosenLayer, choose_layers
from warmstart.interpretation.feature_visualization.optimize import AscentSettings, Pattern, optimize_patterns
from warmstart.interpretation.feature_visualization.photo_activations import Crop, activations_on_photos, sample_photos
from warmstart.interpretation.receptive_field import receptive_field
from warmstart.models.image_model import ImageModel

MAX_SIDE_PX = 112  # of a pattern; twice the photos' side where those are smaller


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
        """The patterns of the layer's first filters, at most ``max_count``, by ``plain`` or ``fourier``.

        Raises UserError for another method.
        """
        if method not in METHODS:
            raise UserError(f"the method of filter patterns is {method!r}; it is one of {', '.join(METHODS)}")
        count = min(max_count or self.count, self.count)
        return optimize_patterns(self.model, chosen, method, self.on_photos[chosen.label], count, self.settings)

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
