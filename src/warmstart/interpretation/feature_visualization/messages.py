"""Captions, notes and log lines of the pages of patterns."""

from __future__ import annotations

from warmstart.interpretation.feature_visualization.optimize import Pattern
from warmstart.interpretation.feature_visualization.photo_activations import N_CROPS

CAPTIONS = (
    "Below a pattern: filter, activation in standard deviations of photos, "
    "and how much of it a small shift, turn and zoom leave"
)
WHOLE = f"{CAPTIONS} (near 100 %: a pattern one can recognise; far less: noise fitted to the pixels)."
CLOSELY = f"The middle of each picture, doubled. {CAPTIONS} (little where stripes are a pixel wide)."
CROPS = f"Beside it: what the {N_CROPS} photos that excite the filter most show where they do."
METHODS = {
    "plain": "Plain gradient ascent, contrast stretched.",
    "fourier": "Regularised gradient ascent: spectra, decorrelated colours, random warps.",
}
METHOD_LABELS = {"plain": "plain ascent, as in the lesson", "fourier": "regularised ascent"}
BARE_BACKBONE = "%s does not exist: these are the filters of %s alone, weights: %s"


def grid(method: str) -> str:
    """The note of a layer's grid."""
    return f"{METHODS[method]} {CLOSELY if method == 'plain' else WHOLE} {CROPS}"


def caption(pattern: Pattern) -> str:
    """Channel, activation, and how much of it survives a transform."""
    if pattern.dead:
        return f"{pattern.channel}: dead"
    kept = "–" if pattern.kept is None else f"{100 * pattern.kept:.0f} %".replace("-", "−")
    return f"{pattern.channel}: {pattern.reached:.1f} · {kept}"
