"""Sentences of the page of activations."""

from __future__ import annotations

from warmstart.interpretation.activations.channel_images import N_PHOTOS
from warmstart.interpretation.activations.sparsity import OFF_SHARE
from warmstart.records.pages import DepthTrend

NO_CONVOLUTION = "The network has no convolution: there are no maps to show."
# Key in activations.json → its meaning.
MEANINGS = {
    "off": "share of a photo's values that are 0 (mean over photos, with its 95 % interval)",
    "silent": "share of channels that are 0 everywhere on a photo (mean over photos, with its 95 % interval)",
    "dead": "channels that are 0 everywhere on all photos",
    "threshold": (
        "where a non-linearity has no exact zero: "
        f"at most {OFF_SHARE:.0%} of the layer's root mean square, instead of 0"
    ),
    "left out": (
        "layers without a non-linearity after them, where 0 means nothing, "
        "and those on pooled maps (squeeze and excitation)"
    ),
}


def overview(photo: str, signed: bool) -> str:
    """The note of overview.png. signed: whether a layer without a non-linearity is shown."""
    note = f"{photo}. Each channel on its own scale, dark is 0; strongest: most varied over places; its number below."
    return note + " Red and blue: layers without a non-linearity, above and below 0." * signed


def top_photos(n: int, photo: str) -> str:
    """The note of top_photos.png."""
    return (
        f"Of {n} test photos, the {N_PHOTOS} with the largest mean of the channel's map, best first. "
        f"Channels: the strongest on {photo}."
    )


def trend(depth: DepthTrend | None) -> str:
    """Whether sparsity rises with depth."""
    what = "share of values that are 0"
    if depth is None:
        return f"{what}: too few layers to tell a trend"
    return f"{what}: {depth.verdict} (ρ = {depth.spearman:+.2f}, n = {depth.n} layers)"
