"""Which of many hashes lie close together, without comparing each with each.

Multi-index hashing (M. Norouzi, A. Punjani, D. Fleet, "Fast search in Hamming space with multi-index hashing", CVPR
2012): where two hashes differ in few bits, they differ in very few bits of at least one of four parts, so a table for
each part is asked for all values near the part. Exact: every pair within the radius is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

PARTS, PART_BITS = 4, 16
COMPARED = 1 << 20  # hashes compared at once; bounds the memory
SAMPLE = 256


def close_pairs(hashes: np.ndarray, queries: np.ndarray | None, radius: int) -> Iterator[np.ndarray]:
    """All pairs within ``radius`` bits, each once and unordered, in blocks of int64 (n, 3): two indices, distance.

    hashes: uint64 (N,). queries: uint64 (M,), compared with every hash: pairs are (query, hash). None: the hashes are
    compared among themselves, and pairs are (smaller, larger index).
    """
    limits = _limits(radius)
    parts, own = _parts(hashes), queries is None
    asked = hashes if queries is None else queries
    asked_parts = parts if queries is None else _parts(queries)
    for number, limit in enumerate(limits):
        if limit < 0:
            continue
        order = np.argsort(parts[:, number], kind="stable")
        starts = np.zeros((1 << PART_BITS) + 1, dtype=np.int64)
        np.cumsum(np.bincount(parts[:, number], minlength=1 << PART_BITS), out=starts[1:])
        # In the order of their part, queries look into the table one bucket after the other.
        asking = order if own else np.argsort(asked_parts[:, number], kind="stable")
        keys = asked_parts[asking, number].astype(np.int64)
        table, wanted = hashes[order], asked[asking]
        for flips in _flips(limit):
            bucket = keys ^ flips
            first, end = starts[bucket], starts[bucket + 1]
            if own:
                # The same two buckets meet twice; the smaller one asks, and in one bucket everyone asks those behind.
                first = np.where(
                    keys <= bucket, np.maximum(first, np.arange(len(keys)) + 1 if not flips else first), end
                )
            for query, at in _spread(first, end):
                distance = hamming(table[at], wanted[query])
                near = np.flatnonzero(distance <= radius)
                if not len(near):
                    continue
                a, b = asking[query[near]], order[at[near]]
                fresh = _not_before(asked_parts[a], parts[b], limits[:number])
                pair = np.stack([a, b, distance[near].astype(np.int64)], axis=1)[fresh]
                if own:
                    pair[:, :2].sort(axis=1)
                if len(pair):
                    yield pair


def affordable_radius(hashes: np.ndarray, most: int, each: float) -> int:
    """The largest radius, 0 to ``most``, within which a hash of a sample has at most ``each`` others on average.

    hashes: uint64 (N,), all different.
    """
    some = hashes[:: max(1, len(hashes) // SAMPLE)][:SAMPLE]
    counts = np.zeros(65, dtype=np.int64)
    for start in range(0, len(hashes), COMPARED // SAMPLE):
        distances = hamming(hashes[start : start + COMPARED // SAMPLE, None], some[None])
        counts += np.bincount(distances.reshape(-1), minlength=65)
    counts[0] = 0  # themselves
    others = np.cumsum(counts)[: most + 1] / max(1, len(some))
    return int(np.flatnonzero(others <= each)[-1])


def hamming(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The number of bits in which hashes differ: uint64 arrays of shapes that broadcast → uint8, 0 to 64."""
    return np.asarray(np.bitwise_count(np.bitwise_xor(a, b)))


def _limits(radius: int) -> list[int]:
    """Bits each part may differ in, so that hashes within ``radius`` meet in one; they sum to radius - 3."""
    total = radius + 1
    return [total // PARTS + (number < total % PARTS) - 1 for number in range(PARTS)]


def _parts(hashes: np.ndarray) -> np.ndarray:
    """uint16 (N, 4). Each part has bits from all over the hash, so that photos of like low frequencies differ."""
    bits = np.unpackbits(np.ascontiguousarray(hashes).view(np.uint8).reshape(-1, 8), axis=1)
    mixed = np.ascontiguousarray(bits.reshape(-1, PART_BITS, PARTS).transpose(0, 2, 1))
    return np.packbits(mixed, axis=2).view(np.uint16)[:, :, 0]


def _flips(limit: int) -> list[int]:
    """Every number of 16 bits with at most ``limit`` ones."""
    return [
        sum(1 << bit for bit in bits) for count in range(limit + 1) for bits in combinations(range(PART_BITS), count)
    ]


def _spread(first: np.ndarray, end: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Ranges [first, end) of places, one a query, as pairs (query, place) in blocks of about ``COMPARED``."""
    counts = np.maximum(end - first, 0)
    asking = np.flatnonzero(counts)
    counts, first = counts[asking], first[asking]
    done = np.cumsum(counts)
    start = 0
    while start < len(asking):
        before = int(done[start - 1]) if start else 0
        # One query with more than that many is still taken whole: its memory is that of all hashes, at most.
        stop = max(start + 1, int(np.searchsorted(done, before + COMPARED, side="right")))
        block = slice(start, stop)
        number = counts[block]
        query = np.repeat(asking[block], number)
        at = np.arange(len(query)) + np.repeat(first[block] - (done[block] - number - before), number)
        yield query, at
        start = stop


def _not_before(a: np.ndarray, b: np.ndarray, limits: list[int]) -> np.ndarray:
    """Whether pairs have not met in an earlier part already. a, b: uint16 (n, 4)."""
    fresh = np.ones(len(a), dtype=bool)
    for number, limit in enumerate(limits):
        fresh &= hamming(a[:, number], b[:, number]).astype(int) > limit
    return fresh
