"""Which mean and standard deviation a recipe's pixels get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.models.known_backbones import get_backbone_spec


def plain_preprocessing(store: ImageStore) -> Preprocessing:
    """Pixels scaled to [0, 1] and no more: what networks trained from scratch get."""
    channels = store.meta["channels"]
    return Preprocessing(
        store.size, channels, store.meta["resize"], (0.0,) * channels, (1.0,) * channels, fit=store.fit
    )


def backbone_preprocessing(spec: Mapping[str, Any], store: ImageStore) -> Preprocessing:
    """What the backbone was trained with (``normalize: own``), or [0, 1] as the lesson fed it (``normalize: lesson``)."""
    if spec["normalize"] == "lesson":
        return plain_preprocessing(store)
    if spec["normalize"] != "own":
        raise UserError(f"backbone.normalize is {spec['normalize']!r}; it is own or lesson")
    mean, std = get_backbone_spec(spec["name"]).normalisation
    return Preprocessing(store.size, 3, store.meta["resize"], mean, std, fit=store.fit)
