"""Gradient ascent in input space: from a grey picture to one that a filter answers to more than to any photo.

Two ways: ``plain`` is the lesson's (F. Chollet, "Deep learning with Python", 2017, section 5.4.2; after D. Erhan et al.,
"Visualizing higher-layer features of a deep network", 2009), which shows the edges and colours of early layers but noise in
deep ones; ``fourier`` is regularised (Olah et al., "Feature visualization", 2017) and shows what deep layers look for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch

from warmstart.interpretation.feature_visualization.fourier import FourierParametrization, random_spectrum
from warmstart.interpretation.feature_visualization.transforms import random_transforms, warp

METHODS = ("plain", "fourier")
Scorer = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
GREY_NOISE = 20 / 255  # the lesson's start: grey with so much uniform noise
STEP = 1 / 255  # and its step: one grey level (root mean square) along the normalised gradient
RATE = 0.05  # Adam's learning rate on spectra
MOVED = 0.01  # a picture that moved less from its start (root mean square) has found no gradient


def plain(
    score: Scorer,
    channels: torch.Tensor,
    rngs: Sequence[np.random.Generator],
    shape: tuple[int, int],
    steps: Iterable[int],
    stride: float = STEP,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The lesson's ascent: pictures, (N, C, side, side) in [0, 1], and whether each found a gradient to follow, bool (N,).

    score(pictures, channels): (N,), to be maximised. rngs: one a picture. shape: channels and side of a picture. steps: one is
    made for each item. stride: length of a step, root mean square.
    """
    count, side = shape
    noise = np.stack([rng.random((count, side, side), dtype=np.float32) for rng in rngs])
    start = (0.5 + GREY_NOISE * (torch.from_numpy(noise) - 0.5)).to(channels.device)
    pictures = start
    for _ in steps:
        pictures.requires_grad_(True)
        (gradient,) = torch.autograd.grad(score(pictures, channels).sum(), pictures)
        length = gradient.square().mean((1, 2, 3), keepdim=True).sqrt().clamp_min(1e-20)
        pictures = (pictures.detach() + stride * gradient / length).clamp_(0, 1)
    return pictures, _moved(start.detach(), pictures)


def fourier(
    score: Scorer,
    channels: torch.Tensor,
    rngs: Sequence[np.random.Generator],
    shape: tuple[int, int],
    steps: Iterable[int],
    basis: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The regularised ascent: spectra instead of pixels, and a new small warp of every picture at each step.

    Arguments and what is returned: as in ``plain``. basis: ``spectrum.colour_basis`` of photos.
    """
    count, side = shape
    paint = FourierParametrization(side, basis, channels.device)
    spectra = torch.stack([random_spectrum(rng, count, side) for rng in rngs]).to(channels.device)
    start = paint(spectra)
    spectra.requires_grad_(True)
    optimizer = torch.optim.Adam([spectra], lr=RATE)
    for _ in steps:
        warps = torch.cat([random_transforms(rng, 1) for rng in rngs]).to(channels.device)
        loss = -score(warp(paint(spectra), warps), channels).sum()
        (spectra.grad,) = torch.autograd.grad(loss, spectra)
        optimizer.step()
    pictures = paint(spectra.detach())
    return pictures, _moved(start, pictures)


def _moved(start: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
    return (end - start).square().mean((1, 2, 3)).sqrt() > MOVED
