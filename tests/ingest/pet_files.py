"""A small set of pets in the published layout: photos that are white where the pet is, their trimaps, and the lists."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

BREEDS = {"Abyssinian": "cat", "Bengal": "cat", "american_bulldog": "dog", "pug": "dog"}
SIZE = (80, 50)  # width and height


def pet_set(root: Path, train: int = 8, test: int = 3) -> Path:
    """So many photos of each breed below ``root``, in images/ and annotations/."""
    (root / "images").mkdir(parents=True)
    (root / "annotations/trimaps").mkdir(parents=True)
    lists: dict[str, list[str]] = {"trainval": [], "test": []}
    for breed_id, (breed, species) in enumerate(BREEDS.items(), 1):
        for number in range(train + test):
            name = f"{breed}_{number}"
            trimap = _trimap(10 * breed_id + number)
            noise = np.random.default_rng([breed_id, number]).integers(0, 30, (*trimap.shape, 3))
            photo = (np.where(trimap[..., None] == 2, 0, 225) + noise).astype(np.uint8)
            Image.fromarray(photo).save(root / f"images/{name}.jpg", quality=95)
            Image.fromarray(trimap).save(root / f"annotations/trimaps/{name}.png")
            lists["trainval" if number < train else "test"].append(
                f"{name} {breed_id} {1 if species == 'cat' else 2} 1\n"
            )
    for list_name, lines in lists.items():
        (root / f"annotations/{list_name}.txt").write_text("".join(lines))
    (root / "images/Abyssinian_0.mat").write_bytes(b"no photo")
    (root / "annotations/trimaps/._pug_0.png").write_bytes(b"no trimap")
    return root


def _trimap(seed: int) -> np.ndarray:
    """uint8: 1 in a rectangle, 3 around it, 2 elsewhere."""
    left, top = np.random.default_rng(seed).integers((6, 6), (40, 20))
    trimap = np.full(SIZE[::-1], 2, dtype=np.uint8)
    trimap[top - 3 : top + 23, left - 3 : left + 33] = 3
    trimap[top : top + 20, left : left + 30] = 1
    return trimap


def pet_archives(root: Path, into: Path) -> dict[str, Any]:
    """Pack a set into the two archives; returns what ``data.files`` says of them."""
    into.mkdir(parents=True)
    files = {}
    for part in ("images", "annotations"):
        archive = into / f"{part}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
            tar.add(root / part, part)
        content = archive.read_bytes()
        files[part] = {"name": archive.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return files
