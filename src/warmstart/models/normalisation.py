"""The preprocessing of a recipe: which mean and standard deviation its pixels are normalised with."""

from __future__ import annotations

from warmstart.config.schema import Backbone
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.models.known_backbones import get_backbone_spec


def plain_preprocessing(store: ImageStore) -> Preprocessing:
    """Pixels scaled to [0, 1] and no more, for networks trained from scratch."""
    n, resize = store.channels, store.prepared.resize
    return Preprocessing(store.size, n, resize, (0.0,) * n, (1.0,) * n, fit=store.fit)


def backbone_preprocessing(backbone: Backbone, store: ImageStore) -> Preprocessing:
    """The normalisation that the backbone was trained with (``normalize: own``), or [0, 1] as in the lesson
    (``normalize: lesson``). Raises UserError for another ``normalize``.
    """
    if backbone.normalize == "lesson":
        return plain_preprocessing(store)
    if backbone.normalize != "own":
        raise UserError(f"backbone.normalize is {backbone.normalize!r}; it is own or lesson")
    mean, std = get_backbone_spec(backbone.name).normalisation
    return Preprocessing(store.size, 3, store.prepared.resize, mean, std, fit=store.fit)
