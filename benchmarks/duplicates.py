"""Seconds and memory of the search for near duplicates, by the number of photos, and of confirming what was found.

Hashes are drawn at random, of every hundred one a copy of another in 1 to 10 bits; recall says how many of those were
found again.

    python benchmarks/duplicates.py --photos 1000 10000 100000
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import numpy as np

from warmstart.ingest.critters import generate
from warmstart.ingest.duplicates.candidates import affordable_radius, close_pairs
from warmstart.ingest.duplicates.find import CROWD, FEW, MANY, RADIUS, RADIUS_OF_MANY
from warmstart.ingest.duplicates.resemblance import resemble, small_copies

FLIPPED = 10  # bits at most between a planted copy and what it is a copy of


def measure_search(number: int) -> dict[str, Any]:
    """Search ``number`` hashes and their mirrors: seconds of processor time, pairs, recall of the planted copies, peak
    memory in MB.
    """
    generator = np.random.default_rng(number)
    hashes, mirrors = generator.integers(0, 2**64, (2, number), dtype=np.uint64)
    copies = generator.choice(number, 2 * (number // 100), replace=False).reshape(2, -1)
    for source, copy in copies.T:
        bits = generator.choice(64, generator.integers(1, FLIPPED + 1), replace=False)
        hashes[copy] = hashes[source] ^ np.bitwise_or.reduce(np.uint64(1) << bits.astype(np.uint64))
    began = time.process_time()
    radius = affordable_radius(hashes, RADIUS if number <= MANY else RADIUS_OF_MANY, max(CROWD, FEW / number))
    pairs = np.concatenate([np.empty((0, 3), dtype=np.int64), *close_pairs(hashes, None, radius)])
    mirrored = sum(map(len, close_pairs(hashes, mirrors, radius)))
    seconds = time.process_time() - began
    found = set(map(tuple, pairs[:, :2].tolist()))
    recall = np.mean([tuple(sorted(pair)) in found for pair in copies.T.tolist()])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "photos": number,
        "radius": radius,
        "seconds": seconds,
        "pairs": len(pairs),
        "mirrored": mirrored,
        "recall": float(recall),
        "peak_mb": peak,
    }


def measure_confirmation(number: int = 128, size: int = 150) -> dict[str, float]:
    """Milliseconds of processor time for reducing an image, and for comparing a pair that is a copy, and one that is
    none.
    """
    images = generate(0, range(number), size, 1).images
    began = time.process_time()
    small = np.concatenate([small_copies(images[i : i + 16]) for i in range(0, number, 16)])
    reduced = time.process_time()
    resemble(small, small * 0.9 + 5, np.zeros(number, dtype=bool))
    copies = time.process_time()
    resemble(small, small[::-1], np.zeros(number, dtype=bool))
    others = time.process_time()
    return {
        "reduce": 1e3 * (reduced - began) / number,
        "copy": 1e3 * (copies - reduced) / number,
        "other": 1e3 * (others - copies) / number,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, nargs="+", default=[1000, 10_000, 100_000])
    for number in parser.parse_args().photos:
        of = measure_search(number)
        print(
            f"{of['photos']:>9,} photos within {of['radius']} bits: {of['seconds']:.2f} s of processor, {of['pairs']} "
            f"pairs and "
            f"{of['mirrored']} mirrored, recall {of['recall']:.3f}, peak {of['peak_mb']} MB",
            flush=True,
        )
    took = measure_confirmation()
    print(
        f"pixels: {took['reduce']:.2f} ms an image, {took['copy']:.2f} ms a pair that is a copy, {took['other']:.2f} "
        f"ms another"
    )


if __name__ == "__main__":
    main()
