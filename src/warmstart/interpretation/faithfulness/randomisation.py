"""Sanity checks: do maps depend on what the network has learned, and do they stay when the image hardly changes?"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.interpretation.faithfulness.controls import edge_maps
from warmstart.interpretation.faithfulness.sample import Sample
from warmstart.models.hooks import forward_hooks
from warmstart.models.image_model import ImageModel
from warmstart.runtime.progress import progress
from warmstart.statistics.ranks import mean_spearman_with_others, spearman

# Draws of random weights, each for a part of the images. Maps of one draw are like or unlike the trained ones by the
# same accident, so that the mean over 8 draws was off by 0.1.
N_DRAWS, N_DEEPER_DRAWS = 16, 4
MAX_BATCH_NORM_IMAGES = 8  # that give batch norm its statistics under random weights
MAX_IMAGES = 32  # whose maps are computed again
NOISE_SIGMA = 0.1  # of pixels in [0, 1]
MapMethod = Callable[[Sample, np.ndarray], np.ndarray]


def sanity_checks(sample: Sample, seed: int) -> dict[str, dict[str, np.ndarray]]:
    """The checks for ``gradcam``, and for ``edges``, the control that fails because it does not depend on the network.

    Spearman correlations with the trained network's maps, one an image, NaN where a map is flat, by the names that they
    have in scores.json: with maps after random weights in the head, in the head and the last quarter of the layers
    below it, and in all layers (``randomised_<level>_spearman``); by the trained network, after noise on the image
    (``noise_spearman``) and of other images (``another_image_spearman``), and the difference of these two.

    Source: J. Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018.
    """
    generator = torch.Generator().manual_seed(seed)
    rng = np.random.default_rng(seed)
    methods: dict[str, MapMethod] = {
        "gradcam": lambda of, rows: of.class_maps(of.images[rows], of.labels[rows]),
        "edges": lambda of, rows: edge_maps(of.images[rows], of.cam_layer.cells),
    }
    trained = {"gradcam": sample.maps, "edges": edge_maps(sample.images, sample.cam_layer.cells)}
    noise = rng.normal(0, 255 * NOISE_SIGMA, sample.images.shape)
    noisy = replace(sample, images=np.clip(np.rint(sample.images + noise), 0, 255).astype(np.uint8))
    rows = np.arange(min(MAX_IMAGES, len(sample.images)))
    levels = cascade(*trunk_and_head(sample.model, torch.from_numpy(sample.images[:1])))
    found: dict[str, dict[str, list[np.ndarray]]] = {key: {level: [] for level in levels} for key in methods}
    reference = torch.from_numpy(sample.images[:MAX_BATCH_NORM_IMAGES])
    changed = replace(sample, model=copy.deepcopy(sample.model))
    for level, layers in levels.items():
        # Deeper levels show the same with more work: fewer images for them.
        some, draws = (rows, N_DRAWS) if level == "head" else (rows[: max(1, len(rows) // 4)], N_DEEPER_DRAWS)
        parts = np.array_split(some, min(draws, len(some)))
        for part in progress(parts, f"random weights ({level.replace('_', ' ')})", len(parts)):
            randomise_weights(changed.model, sample.model, layers, reference, generator)
            for key, method in methods.items():
                found[key][level].append(spearman(trained[key][part], method(changed, part)))
    scores = {}
    for key, method in methods.items():
        of_noisy = spearman(trained[key][rows], method(noisy, rows))
        another = mean_spearman_with_others(trained[key])[rows]
        randomised = {f"randomised_{level}_spearman": np.concatenate(parts) for level, parts in found[key].items()}
        others = {"noise_spearman": of_noisy, "another_image_spearman": another}
        scores[key] = {**randomised, **others, "noise_minus_another": of_noisy - another}
    return scores


def cascade(trunk: Sequence[str], head: Sequence[str]) -> dict[str, list[str]]:
    """Which layers each level of randomisation takes, from the top down; without a head none."""
    if not head:
        return {}
    last_quarter = trunk[len(trunk) - -(-len(trunk) // 4) :]
    return {"head": [*head], "head_and_last_quarter": [*last_quarter, *head], "all": [*trunk, *head]}


def trunk_and_head(model: ImageModel, images: torch.Tensor) -> tuple[list[str], list[str]]:
    """Names of the modules with weights up to the network's last feature map, and of those after it, in running order.

    images: uint8 (1, H, W, C).
    """
    network: Any = model.network
    trunk: list[str] = []
    head: list[str] = []
    reached = False

    def recorder(name: str, module: nn.Module) -> Callable[..., None]:
        def hook(*_: object) -> None:
            nonlocal reached
            if any(True for _ in module.parameters(recurse=False)) and name not in trunk:
                (head if reached else trunk).append(name)
            reached = reached or module is network.cam_layer

        return hook

    with forward_hooks((module, recorder(name, module)) for name, module in network.named_modules()), torch.no_grad():
        model(images)
    return trunk, head


def randomise_weights(
    model: ImageModel, like: ImageModel, layers: Sequence[str], images: torch.Tensor, generator: torch.Generator
) -> None:
    """Give the named layers of ``model`` random weights, in place.

    Kernels are drawn from a normal distribution with mean 0 and the root mean square of the same kernel of ``like``, so
    that what is lost is what was learned and not its size. Vectors (biases, the gains of a norm) are permuted. Batch
    norms among the layers then take the statistics of ``images``, uint8 (N, H, W, C), because the stored ones belong to
    other weights.
    """
    norms = []
    with torch.no_grad():
        for name in layers:
            module, source = model.network.get_submodule(name), like.network.get_submodule(name)
            for weight, trained in zip(module.parameters(recurse=False), source.parameters(recurse=False), strict=True):
                if trained.ndim > 1:
                    scale = trained.double().square().mean().sqrt().item()
                    weight.copy_(torch.randn(trained.shape, generator=generator) * scale)
                else:
                    weight.copy_(trained[torch.randperm(len(trained), generator=generator)])
            if isinstance(module, _BatchNorm) and module.running_mean is not None:
                norms.append((module, module.momentum))
                module.reset_running_stats()
                module.momentum = None  # the plain mean over batches
                module.training = True
        if norms:
            model(images)
            for module, momentum in norms:
                module.training, module.momentum = False, momentum
