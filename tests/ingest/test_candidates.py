"""Hashes that lie close together."""

from __future__ import annotations

import numpy as np
import pytest

from warmstart.ingest.duplicates.candidates import affordable_radius, close_pairs, hamming


def _hashes(number: int, seed: int) -> np.ndarray:
    """Some at random, some around few centres, some equal."""
    generator = np.random.default_rng(seed)
    centres = generator.integers(0, 2**64, 9, dtype=np.uint64)
    flips = np.bitwise_or.reduce(np.uint64(1) << generator.integers(0, 64, (number, 7), dtype=np.uint64), axis=1)
    around = centres[generator.integers(0, 9, number)] ^ flips
    return np.where(generator.random(number) < 0.5, around, generator.integers(0, 2**64, number, dtype=np.uint64))


def _found(hashes: np.ndarray, queries: np.ndarray | None, radius: int) -> list[list[int]]:
    return sorted(np.concatenate([np.empty((0, 3), dtype=np.int64), *close_pairs(hashes, queries, radius)]).tolist())


@pytest.mark.parametrize("radius", [0, 1, 3, 10, 12, 14])
def test_every_pair_within_the_radius_is_found_once(radius: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warmstart.ingest.duplicates.candidates.COMPARED", 100)  # many blocks
    hashes, queries = _hashes(400, 0), np.concatenate([_hashes(400, 0)[:40], _hashes(60, 1)])
    among = hamming(hashes[:, None], hashes).astype(int)
    i, j = np.nonzero(np.triu(among <= radius, 1))
    assert _found(hashes, None, radius) == np.stack([i, j, among[i, j]], axis=1).tolist()
    between = hamming(queries[:, None], hashes).astype(int)
    i, j = np.nonzero(between <= radius)
    assert _found(hashes, queries, radius) == np.stack([i, j, between[i, j]], axis=1).tolist()


def test_a_crowd_is_searched_in_a_smaller_radius() -> None:
    spread = np.random.default_rng(0).integers(0, 2**64, 2000, dtype=np.uint64)
    crowd = np.arange(2000, dtype=np.uint64)  # all within 11 bits
    assert affordable_radius(spread, 12, 8) == 12
    assert affordable_radius(crowd, 12, 8) == 0
    assert 0 < affordable_radius(crowd, 12, 100) < 12
    assert affordable_radius(spread[:0], 12, 8) == 12
