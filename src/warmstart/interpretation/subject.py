"""The trained recipe that the pages are about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from warmstart.config.schema import Interpret
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.row_array import Rows
from warmstart.interpretation.attribution.cam_layer import MAX_IMAGES_CHECKED, CamLayer, choose_cam_layer
from warmstart.interpretation.examples import Example, pick_sample
from warmstart.models.image_model import ImageModel


@dataclass(frozen=True)
class Subject:
    """model: in evaluation mode. recipe: its name. store: the images. examples: all test predictions."""

    model: ImageModel
    recipe: str
    store: ImageStore
    examples: list[Example]
    options: Interpret

    @property
    def images(self) -> Rows:
        """The test images, uint8 (N, H, W, C)."""
        return self.store.images("test")

    @cached_property
    def cam_layer(self) -> CamLayer | None:
        """Where maps are taken, by ``choose_cam_layer`` on a sample of the images; None without a feature map."""
        if self.options.layer is None and self.model.network.cam_layer is None:
            return None
        some = pick_sample(self.examples, MAX_IMAGES_CHECKED, self.options.seed)
        photos = np.stack([self.images[e.row] for e in some]) if some else np.array(self.images[:1])
        return choose_cam_layer(self.model, torch.from_numpy(photos), self.options.layer)
