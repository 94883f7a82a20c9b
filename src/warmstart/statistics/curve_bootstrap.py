"""Resamples of a learning curve: its test images and its seeds, both drawn anew."""

from __future__ import annotations

import numpy as np

from warmstart.statistics.stratified_bootstrap import resample_weights


def resample_curves(
    losses: np.ndarray, image_weights: np.ndarray, labels: np.ndarray, *, resamples: int, seed: int = 0
) -> np.ndarray:
    """Mean losses on resamples, float64 (resamples, C, S).

    losses: of C curves at S sizes by K seeds on N test images, (C, S, K, N). image_weights: what each image counts,
    (N,), in all 1. labels: int64 (N,); images are drawn within their class. A resample has the same images for all
    curves, sizes and seeds, so that differences are paired. Of each curve the seeds are drawn with replacement, for all
    sizes the same, since a seed's training sets are nested; deviations from their mean are widened by √(K / (K - 1)),
    which makes up for the bootstrap's variance being too small by that. One seed is not resampled.

    Source: A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8.
    """
    curves, sizes, seeds, images = losses.shape
    flat = losses.reshape(-1, images) * image_weights
    blocks = [weights @ flat.T for weights in resample_weights(labels, resamples=resamples, seed=seed)]
    by_seed = np.concatenate(blocks).reshape(resamples, curves, sizes, seeds)
    mean = by_seed.mean(axis=3)
    if seeds == 1:
        return np.asarray(mean)
    rng = np.random.default_rng([seed, 1])
    counts = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=(resamples, curves)) / seeds
    drawn = np.einsum("rcsk,rck->rcs", by_seed, counts)
    return np.asarray(mean + (drawn - mean) * np.sqrt(seeds / (seeds - 1)))
