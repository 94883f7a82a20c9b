"""A network under study: its layers, its answers to photos, and the patterns of its filters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.interpretation.options import Options
from warmstart.interpretation.patterns.ascent import METHODS
from warmstart.interpretation.patterns.choose import Choice, choose_layers
from warmstart.interpretation.patterns.crops import Crop, strongest_crops
from warmstart.interpretation.patterns.natural import answers_to_photos, take_photos
from warmstart.interpretation.patterns.reading import observing
from warmstart.interpretation.patterns.receptive import field_of
from warmstart.interpretation.patterns.seek import Pattern, Search, seek_patterns
from warmstart.interpretation.patterns.spectrum import colour_basis
from warmstart.models.image_model import ImageModel

SIDE = 112  # pixels of a pattern; twice the photos' side where those are smaller


class Study:
    """Made by ``studying``. choices: the layers chosen. count: filters a layer."""

    def __init__(self, model: ImageModel, store: ImageStore, options: Options) -> None:
        self.model: Any = model
        self.count = options.patterns
        self.photos = take_photos(store)
        example = model.normalise(torch.from_numpy(self.photos.images[:1]).to(model.mean.device))
        self.choices = choose_layers(model.network, example, options.pattern_layers)
        self.layers = {choice.label: choice.layer for choice in self.choices}
        self.natural = answers_to_photos(model, self.layers, self.count, self.photos, options.batch_size)
        self.search = Search(
            min(SIDE, 2 * store.size), options.pattern_steps, colour_basis(self.photos.images), options.seed
        )

    def seek(self, choice: Choice, method: str, most: int | None = None) -> list[Pattern]:
        """The patterns of the layer's first filters, no more than ``most``, by ``plain`` or ``fourier``.

        Raises UserError for another method.
        """
        if method not in METHODS:
            raise UserError(f"the method of filter patterns is {method!r}; it is one of {', '.join(METHODS)}")
        return seek_patterns(
            self.model, choice, method, self.natural[choice.label], min(most or self.count, self.count), self.search
        )

    def crops(self, choice: Choice) -> list[list[Crop]]:
        """The crops of photos that each of the layer's first filters answers to most."""
        field, natural = field_of(self.model, choice.layer, self.photos.images), self.natural[choice.label]
        return [strongest_crops(self.photos, natural, field, channel) for channel in range(len(natural.mean))]


@contextmanager
def studying(model: ImageModel, store: ImageStore, options: Options) -> Iterator[Study]:
    """Study a model; its network is left as it was. Raises UserError for unknown layers and damaged weights."""
    with observing(model.network):
        yield Study(model, store, options)
