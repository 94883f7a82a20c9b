"""PyTorch's convolution of one grey image with given kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from warmstart.drawing.sheet import to_image

SCALE_PERCENTILE = 99.5  # on the scale of a photo's strongest pixels the rest would be pale


def luminance(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 1 or 3) as brightness, float32 (H, W) in [0, 1]; colours are weighted as in ITU-R BT.601."""
    return np.asarray(to_image(image).convert("L"), dtype=np.float32) / 255


def convolve(
    grey: np.ndarray, kernels: Sequence[np.ndarray], *, stride: int = 1, padding: int = 0, replicate: bool = False
) -> np.ndarray:
    """The responses of an image, float (H, W), to kernels (k, k) of one size: float32 (K, h, w), signed.

    stride, padding: as in a network; ``replicate`` pads with the values at the edge in place of zeros. Like every
    convolution of a neural network this is a cross-correlation: the kernel is not flipped.
    """
    weight = torch.from_numpy(np.stack(kernels)).float()[:, None]
    pixels = torch.from_numpy(np.ascontiguousarray(grey)).float()[None, None]
    if replicate and padding:
        pixels, padding = functional.pad(pixels, (padding,) * 4, mode="replicate"), 0
    return np.asarray(functional.conv2d(pixels, weight, stride=stride, padding=padding)[0].numpy())


def output_size(size: int, kernel: int, *, stride: int = 1, padding: int = 0) -> int:
    """The side of a convolution's or pooling's output, in pixels: ⌊(size + 2·padding − kernel) / stride⌋ + 1."""
    return (size + 2 * padding - kernel) // stride + 1


def scale_end(values: np.ndarray) -> float:
    """The absolute value at the end of a colour scale for responses of any shape: the 99.5th percentile."""
    return float(np.percentile(np.abs(values), SCALE_PERCENTILE))


def format_size(array: np.ndarray) -> str:
    """Height × width of (H, W, …)."""
    return f"{array.shape[0]}×{array.shape[1]}"
