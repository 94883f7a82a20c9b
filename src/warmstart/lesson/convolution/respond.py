"""The operation itself: PyTorch's convolution of one grey image with hand-made kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch.nn import functional


def luminance(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 1 or 3) as brightness, float32 (H, W) in [0, 1]; colours are weighed as ITU-R BT.601 says."""
    grey = Image.fromarray(image) if image.shape[2] == 3 else Image.fromarray(image[:, :, 0])
    return np.asarray(grey.convert("L"), dtype=np.float32) / 255


def respond(
    grey: np.ndarray, kernels: Sequence[np.ndarray], *, stride: int = 1, padding: int = 0, repeat: bool = False
) -> np.ndarray:
    """What kernels (k, k) of one size answer to an image, float (H, W): float32 (K, h, w), signed.

    stride, padding: as in a network; ``repeat`` pads with the edge's own values in place of zeros. Like every convolution of
    a neural network this is a cross-correlation: the kernel is not turned over.
    """
    weight = torch.from_numpy(np.stack(kernels)).float()[:, None]
    pixels = torch.from_numpy(np.ascontiguousarray(grey)).float()[None, None]
    if repeat and padding:
        pixels, padding = functional.pad(pixels, (padding,) * 4, mode="replicate"), 0
    answer: np.ndarray = functional.conv2d(pixels, weight, stride=stride, padding=padding)[0].numpy()
    return answer


def output_side(side: int, kernel: int, *, stride: int = 1, padding: int = 0) -> int:
    """The side of a convolution's or pooling's output, in pixels: ⌊(side + 2·padding − kernel) / stride⌋ + 1."""
    return (side + 2 * padding - kernel) // stride + 1


def shape_text(array: np.ndarray) -> str:
    """Height × width of (H, W, …)."""
    return f"{array.shape[0]}×{array.shape[1]}"
