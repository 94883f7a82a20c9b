"""Do the maps depend on what the network has learned, and do they stay when the image hardly changes?"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from warmstart.interpretation.correlation import spearman, with_others
from warmstart.interpretation.scores.controls import edge_maps
from warmstart.interpretation.scores.randomise import randomise, split_layers
from warmstart.interpretation.scores.sample import Sample, explain
from warmstart.runtime.progress import progress

# Draws of random weights, each for a part of the images: the maps of one draw are like or unlike the trained ones by one and
# the same accident, so that the mean over 8 draws was off by 0.1.
DRAWS = 16
DEEPER_DRAWS = 4
# Images that give batch norm its statistics under random weights.
STATISTICS = 8
# Images whose maps are made again; more tell little more.
MOST = 32
# Standard deviation of the noise, of pixels in [0, 1].
NOISE = 0.1
Explain = Callable[[Sample, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sanity:
    """Spearman correlations with the trained network's maps, one an image, NaN where a map is flat.

    randomised: after random weights in the head, in the head and the last quarter of the layers below it, and in all layers.
    noise: after noise on the image, by the trained network. another: of other images, by the trained network.
    """

    randomised: dict[str, np.ndarray]
    noise: np.ndarray
    another: np.ndarray


def cascade(trunk: list[str], head: list[str]) -> dict[str, list[str]]:
    """Which layers each level of randomisation takes, from the top down; without a head none."""
    if not head:
        return {}
    quarter = -(-len(trunk) // 4)
    levels = {"head": head, "head_and_last_quarter": trunk[len(trunk) - quarter :] + head}
    return {**levels, "all": trunk + head}


def check_sanity(sample: Sample, seed: int) -> dict[str, Sanity]:
    """The checks for ``gradcam``, and for ``edges``, the control that fails because it never asks the network.

    Source: J. Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018. The sample's model is left as it was: weights
    are drawn into a copy.
    """
    generator = torch.Generator().manual_seed(seed)
    rng = np.random.default_rng(seed)
    methods: dict[str, Explain] = {"gradcam": _gradcam, "edges": _edges}
    trained = {"gradcam": sample.maps, "edges": _edges(sample, np.arange(len(sample.images)))}
    noisy = replace(sample, images=_add_noise(sample.images, rng))
    every = np.arange(min(MOST, len(sample.images)))
    levels = cascade(*split_layers(sample.model, torch.from_numpy(sample.images[:1])))
    found: dict[str, dict[str, list[np.ndarray]]] = {key: {level: [] for level in levels} for key in methods}
    reference = torch.from_numpy(sample.images[:STATISTICS])
    changed = replace(sample, model=copy.deepcopy(sample.model))
    for level, layers in levels.items():
        # Deeper levels tell the same story with more work: fewer images for them.
        rows = every if level == "head" else every[: max(1, len(every) // 4)]
        parts = np.array_split(rows, min(DRAWS if level == "head" else DEEPER_DRAWS, len(rows)))
        for part in progress(parts, f"random weights ({level.replace('_', ' ')})", len(parts)):
            randomise(changed.model, sample.model, layers, reference, generator)
            for key, method in methods.items():
                found[key][level].append(spearman(trained[key][part], method(changed, part)))
    return {
        key: Sanity(
            {level: np.concatenate(parts) for level, parts in found[key].items()},
            spearman(trained[key][every], method(noisy, every)),
            with_others(trained[key])[every],
        )
        for key, method in methods.items()
    }


def _gradcam(sample: Sample, rows: np.ndarray) -> np.ndarray:
    return explain(sample.model, sample.site, sample.images[rows], sample.labels[rows], sample.batch_size)


def _edges(sample: Sample, rows: np.ndarray) -> np.ndarray:
    return edge_maps(sample.images[rows], (int(sample.maps.shape[1]), int(sample.maps.shape[2])))


def _add_noise(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noise = rng.normal(0, 255 * NOISE, images.shape)
    noisy: np.ndarray = np.clip(np.rint(images + noise), 0, 255).astype(np.uint8)
    return noisy
