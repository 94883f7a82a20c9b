"""Pictures as spectra with decorrelated colours, on which gradient ascent finds patterns instead of noise.

Source: C. Olah, A. Mordvintsev and L. Schubert, "Feature visualization", Distill 2017 (section "Preconditioning and
parameterization").
"""

from __future__ import annotations

import numpy as np
import torch

INITIAL_SD = 0.01  # of a spectrum
# Chosen by looking at deep layers: 1 / f^1.3 leaves as little detail as photos have, and the activation is the same.
DECAY = 1.3
CONTRAST = 1 / 6


def colour_basis(photos: np.ndarray) -> torch.Tensor:
    """The symmetric root of the covariance of the photos' colours, float32 (C, C), with the largest row of length 1.

    photos: uint8 (N, H, W, C).
    """
    channels = photos.shape[-1]
    pixels = photos[:, ::4, ::4].reshape(-1, channels).astype(np.float64) / 255
    covariance = np.atleast_2d(np.cov(pixels, rowvar=False)) if len(pixels) > 1 else np.eye(channels)
    values, vectors = np.linalg.eigh(covariance)
    # Photos without colour would leave none to a pattern.
    values = np.maximum(values, 0.01 * max(float(values.max()), 1e-6))
    root = vectors * np.sqrt(values) @ vectors.T
    return torch.from_numpy((root / np.linalg.norm(root, axis=1).max()).astype(np.float32))


def random_spectrum(rng: np.random.Generator, channels: int, side: int) -> torch.Tensor:
    """A random start for one picture: real and imaginary parts, float32 (channels, side, side // 2 + 1, 2)."""
    return torch.from_numpy(rng.normal(0, INITIAL_SD, (channels, side, side // 2 + 1, 2)).astype(np.float32))


class FourierParametrization:
    """From spectra, (N, C, side, side // 2 + 1, 2), to pictures in [0, 1], (N, C, side, side).

    A frequency f is scaled by about 1/f, as in photos: what is coarse moves before what is fine.
    """

    def __init__(self, side: int, basis: torch.Tensor, device: torch.device) -> None:
        self.side = side
        self.basis = basis.to(device)
        vertical = torch.fft.fftfreq(side)[:, None]
        horizontal = torch.fft.rfftfreq(side)[None]
        radius = (vertical.square() + horizontal.square()).sqrt().clamp_min(1 / side)
        falling = radius**-DECAY
        falling *= ((radius**-2).mean() / falling.square().mean()).sqrt()  # the contrast of 1/f
        self.scale = (CONTRAST * side * falling)[..., None].to(device)

    def __call__(self, spectra: torch.Tensor) -> torch.Tensor:
        planes = torch.fft.irfft2(torch.view_as_complex(spectra * self.scale), s=(self.side, self.side))
        return torch.einsum("dc,nchw->ndhw", self.basis, planes).sigmoid()
