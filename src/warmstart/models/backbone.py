"""A pretrained network without its classifier."""

from __future__ import annotations

import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.models.hooks import eval_mode
from warmstart.models.known_backbones import get_backbone_spec

MAX_COMPUTED_SIDE_PX = 1024  # of larger images, the shape of the map is found without computing it


class Backbone(nn.Module):
    """A trunk that maps (N, 3, H, W) to a feature map (N, C, h, w). Its weights are random until loaded.

    It is always in evaluation mode: its batch norms use their running statistics, also in unfrozen blocks, as in Keras.
    train_batch_norm: follow the mode instead, as a backbone that is trained from random weights must.
    """

    def __init__(self, name: str, *, train_batch_norm: bool = False) -> None:
        super().__init__()
        self.name = name
        self.train_batch_norm = train_batch_norm
        self.spec = get_backbone_spec(name)
        self.trunk = self.spec.build()
        self.requires_grad_(False)
        self.train()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.trunk(x)
        return features

    def train(self, mode: bool = True) -> Backbone:
        """Stay in evaluation mode, unless batch norms are to be trained."""
        return super().train(mode and self.train_batch_norm)

    def unfreeze(self, modules: list[str] | None) -> list[str]:
        """Make modules trainable (None: the last block). Returns their names. Raises UserError for unknown ones."""
        names = list(self.spec.last_block) if modules is None else modules
        for name in names:
            self.module(name).requires_grad_(True)
        return names

    def module(self, name: str) -> nn.Module:
        """A module of the trunk by name. Raises UserError, which lists similar names, for an unknown name."""
        known: dict[str, nn.Module] = dict(self.trunk.named_modules())
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, list(known), n=5, cutoff=0.3) or [n for n, _ in self.trunk.named_children()]
            raise UserError(f"backbone {self.name} has no module {name!r}; near names: {', '.join(near)}")
        return known[name]

    @torch.no_grad()
    def feature_shape(self, size: int) -> tuple[int, int, int]:
        """The shape (C, h, w) of the feature map of images of ``size`` pixels. Raises UserError if there is none."""
        try:
            with eval_mode(self):
                out = self._map_of_zeros(size)
        except (AssertionError, RuntimeError, ValueError) as error:
            raise UserError(
                f"backbone {self.name} does not take images of {size} px ({error}): set recipe.size to what it takes"
            ) from None
        if out.ndim != 4:
            raise UserError(
                f"backbone {self.name} gives an output of shape {tuple(out.shape[1:])}, not a feature map of channels "
                f"× "
                "height × width: choose a convolutional network or a vision transformer"
            )
        return int(out.shape[1]), int(out.shape[2]), int(out.shape[3])

    def _map_of_zeros(self, size: int) -> torch.Tensor:
        if size > MAX_COMPUTED_SIDE_PX and not any(tensor.is_meta for tensor in self.parameters()):
            shapes = {name: tensor.to("meta") for name, tensor in (*self.named_parameters(), *self.named_buffers())}
            out: torch.Tensor = torch.func.functional_call(self, shapes, torch.zeros(1, 3, size, size, device="meta"))
            return out
        return self.forward(torch.zeros(1, 3, size, size))
