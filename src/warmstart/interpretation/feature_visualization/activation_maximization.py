"""Activation maximisation: gradient ascent in input space, from grey to a picture that excites a filter.

``pixel_ascent`` is the lesson's (F. Chollet, "Deep learning with Python", 2017, section 5.4.2; after D. Erhan et al.,
"Visualizing higher-layer features of a deep network", 2009). It shows the edges and colours of early layers but noise
in deep ones. ``fourier_ascent`` is regularised (C. Olah et al., "Feature visualization", Distill 2017) and shows what
deep layers respond to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch.nn import functional

from warmstart.interpretation.feature_visualization.fourier import FourierParametrization, random_spectrum

METHODS = ("plain", "fourier")
Objective = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
INITIAL_NOISE = 20 / 255  # the lesson's start: grey with so much uniform noise
STEP = 1 / 255  # and its step: one grey level (root mean square) along the normalised gradient
LEARNING_RATE = 0.05  # Adam's, on spectra
MIN_MOVED = 0.01  # root mean square; a picture that moved less from its start has found no gradient
# Small random transforms, which a pattern survives unless it merely fits the pixels.
MAX_SHIFT = 8 / 112  # of the image's side, either way
MAX_ROTATION_DEGREES = 8.0  # either way
MAX_ZOOM = 0.08  # either way


def channel_objective(maps: torch.Tensor, spread: torch.Tensor, whole: bool = False) -> torch.Tensor:
    """How much filters respond: the mean over a map, (N, K, h, w), of its softplus in units of ``spread``: (N, K).

    In the plain mean, light and dark stripes add up to 0; the mean after a ReLU, which the lesson takes, has a gradient
    of 0 where the start excites nothing.

    maps: before the non-linearity. spread: (K,), the filters' standard deviation over photos and places. whole: with
    the border, which padding spoils.
    """
    border = 0 if whole else min(2, min(maps.shape[2:]) // 12)
    inner = maps[:, :, border : maps.shape[2] - border, border : maps.shape[3] - border].float()
    return functional.softplus(inner / spread[:, None, None]).mean((2, 3))


def pixel_ascent(
    objective: Objective,
    channels: torch.Tensor,
    rngs: Sequence[np.random.Generator],
    shape: tuple[int, int],
    steps: Iterable[int],
    stride: float = STEP,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures, (N, C, side, side) in [0, 1], and whether each found a gradient to follow, bool (N,).

    objective(pictures, channels): (N,), to be maximised. rngs: one a picture. shape: channels and side of a picture.
    steps: one is made for each item. stride: length of a step, root mean square.
    """
    count, side = shape
    noise = np.stack([rng.random((count, side, side), dtype=np.float32) for rng in rngs])
    start = (0.5 + INITIAL_NOISE * (torch.from_numpy(noise) - 0.5)).to(channels.device)
    pictures = start
    for _ in steps:
        pictures.requires_grad_(True)
        (gradient,) = torch.autograd.grad(objective(pictures, channels).sum(), pictures)
        length = gradient.square().mean((1, 2, 3), keepdim=True).sqrt().clamp_min(1e-20)
        pictures = (pictures.detach() + stride * gradient / length).clamp_(0, 1)
    return pictures, _moved(start.detach(), pictures)


def fourier_ascent(
    objective: Objective,
    channels: torch.Tensor,
    rngs: Sequence[np.random.Generator],
    shape: tuple[int, int],
    steps: Iterable[int],
    basis: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The same with spectra, and a new small transform at each step. basis: ``fourier.colour_basis`` of photos."""
    count, side = shape
    to_pictures = FourierParametrization(side, basis, channels.device)
    spectra = torch.stack([random_spectrum(rng, count, side) for rng in rngs]).to(channels.device)
    start = to_pictures(spectra)
    spectra.requires_grad_(True)
    optimizer = torch.optim.Adam([spectra], lr=LEARNING_RATE)
    for _ in steps:
        affine = torch.cat([random_transforms(rng, 1) for rng in rngs]).to(channels.device)
        loss = -objective(transform(to_pictures(spectra), affine), channels).sum()
        (spectra.grad,) = torch.autograd.grad(loss, spectra)
        optimizer.step()
    pictures = to_pictures(spectra.detach())
    return pictures, _moved(start, pictures)


def _moved(start: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
    return (end - start).square().mean((1, 2, 3)).sqrt() > MIN_MOVED


def random_transforms(rng: np.random.Generator, count: int) -> torch.Tensor:
    """Uniform shifts, rotations and zooms as affine maps for ``functional.affine_grid``, float32 (count, 2, 3)."""
    angle = np.deg2rad(rng.uniform(-MAX_ROTATION_DEGREES, MAX_ROTATION_DEGREES, count))
    zoom = rng.uniform(1 - MAX_ZOOM, 1 + MAX_ZOOM, count)
    shift = rng.uniform(-2 * MAX_SHIFT, 2 * MAX_SHIFT, (count, 2))  # affine_grid's side is 2
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    rows = np.stack([np.stack([cos, -sin, shift[:, 0]], 1), np.stack([sin, cos, shift[:, 1]], 1)], 1)
    return torch.from_numpy(rows.astype(np.float32))


def transform(images: torch.Tensor, affine: torch.Tensor) -> torch.Tensor:
    """Each image (N, C, H, W) through its own affine map (N, 2, 3); beyond the edge the image is mirrored."""
    grid = functional.affine_grid(affine, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
