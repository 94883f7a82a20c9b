"""How large an image must be for a stack of convolutions. Free of torch: composing the configuration asks too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from warmstart.errors import UserError


def poolings(widths: Sequence[int], pooled: int | None) -> int:
    """How many of the convolutions are followed by pooling; ``pooled`` None: all. Raises UserError for a number that
    cannot be.
    """
    if pooled is not None and not 0 <= pooled <= len(widths):
        raise UserError(
            f"network.pooled is {pooled}; of {len(widths)} convolutions 0 to {len(widths)} can be pooled, or null for "
            f"all"
        )
    return len(widths) if pooled is None else pooled


def smallest_size(convolutions: int, pooled: int | None = None) -> int:
    """The smallest image side, in pixels, that leaves one pixel after so many 3×3 convolutions without padding.

    pooled: how many of them, from the first on, are followed by 2×2 pooling; None: all.
    """
    pooled = convolutions if pooled is None else pooled
    side = 1
    for index in reversed(range(convolutions)):
        side = (2 * side if index < pooled else side) + 2
    return side


def check_size(size: int, network: Mapping[str, Any], key: str = "data.size") -> None:
    """Refuse (UserError) images that are too small for the convolutions of ``network`` (the configuration group).

    key: what says how large they are.
    """
    widths, pooled = network["widths"], poolings(network["widths"], network.get("pooled"))
    smallest = smallest_size(len(widths), pooled)
    if size < smallest:
        raise UserError(
            f"images of {size} px are too small for {len(widths)} convolutions, {pooled} of them with pooling: "
            f"{key} must be {smallest} or more"
        )
