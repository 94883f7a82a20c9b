from __future__ import annotations

import numpy as np
import pytest

from warmstart.interpretation.kernels.kernel_images import draw_kernels, kernel_pixels


def test_a_kernel_is_grey_where_it_is_zero_and_full_where_it_is_largest() -> None:
    kernel = np.zeros((3, 1, 3))
    kernel[0, 0, 0], kernel[2, 0, 2] = 0.5, -0.5
    assert kernel_pixels(kernel).tolist() == [[[255, 128, 128], [128, 128, 128], [128, 128, 1]]]
    assert (kernel_pixels(kernel) == kernel_pixels(kernel * 1e-4)).all()
    assert (kernel_pixels(kernel * 1e-4, floor=0.5) == 128).all()  # dead
    assert (kernel_pixels(np.zeros((1, 3, 3))) == 128).all()
    grey = kernel_pixels(np.array([[[1.0, -0.5]]]))
    assert (grey == grey[..., :1]).all() and grey[0, :, 0].tolist() == [255, 64]


@pytest.mark.parametrize(("count", "channels"), [(1, 1), (32, 3), (9, 3), (100, 4)])
def test_kernels_are_laid_in_rows_of_eight(count: int, channels: int) -> None:
    image = draw_kernels(np.random.default_rng(0).normal(size=(count, channels, 3, 3)), "t")
    one = draw_kernels(np.ones((1, channels, 3, 3)), "t")
    step = 56 + 6 + 12 + 6
    assert abs(image.height - one.height - (-(-min(count, 64) // 8) - 1) * step) < 40 and image.width == one.width
