"""The ``prepare`` stage: from a source of images to one manifest, three arrays and a record of what was left out."""

from __future__ import annotations

import csv
import hashlib
import logging
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap

from warmstart.data.arrange import Candidate, arrange
from warmstart.data.critters import CLASSES, generate
from warmstart.data.decode import Decoded, decode_files
from warmstart.data.preprocess import Preprocessing
from warmstart.data.sources.arrays import arrange_arrays
from warmstart.data.sources.listing import Listing
from warmstart.data.sources.open import ARRAY_SOURCES, open_arrays, open_listing
from warmstart.data.split import SPLITS
from warmstart.data.store import MANIFEST_COLUMNS
from warmstart.errors import UserError
from warmstart.files import digest, read_json, replace_dir, sha256_file, write_json
from warmstart.progress import progress

log = logging.getLogger(__name__)


def prepare(config: Mapping[str, Any], out_dir: str | Path) -> None:
    """Write the prepared images of ``config`` (the ``data`` group of the configuration, as plain data) into ``out_dir``.

    Writes ``manifest.csv``, ``meta.json``, ``train.npy``, ``val.npy``, ``test.npy`` and, where the evidence is known,
    ``masks_test.npy`` (read them with ``ImageStore``). Raises UserError; then nothing that stood there before is lost.
    """
    with replace_dir(out_dir) as folder:
        if config["source"] == "critters":
            rows, skipped = _draw(config, folder)
            classes = list(CLASSES)
        elif config["source"] in ARRAY_SOURCES:
            arrays = open_arrays(config)
            rows, skipped, classes = arrange_arrays(arrays, config, folder), [], arrays.classes
        else:
            listing = open_listing(config)
            rows, skipped, classes = _decode(config, listing, folder)
        with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, MANIFEST_COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        counts = Counter(row["split"] for row in rows)
        write_json(
            folder / "meta.json",
            {
                "dataset": config["name"],
                "classes": classes,
                "size": config["size"],
                "channels": config["channels"],
                "resize": config["resize"],
                "digest": digest([sha256_file(folder / "manifest.csv"), config["size"], config["channels"], config["resize"]]),
                "counts": {split: counts[split] for split in SPLITS},
                "skipped": skipped,
                "has_masks": (folder / "masks_test.npy").exists(),
            },
        )
    write_json(_record(out_dir), dict(config))
    log.info("prepared %s: %s", config["name"], ", ".join(f"{counts[split]} {split}" for split in SPLITS))
    if skipped:
        shown = ", ".join(f"{item['path']} ({item['reason']})" for item in skipped[:10])
        log.warning("skipped %d files: %s%s", len(skipped), shown, " …" if len(skipped) > 10 else "")


def check_prepared(config: Mapping[str, Any], images_dir: str | Path) -> None:
    """Refuse (UserError) prepared images that are missing or that another configuration prepared.

    config: the ``data`` group; keys that it lacks, because a stage may not read them, are not compared.
    """
    record = _record(images_dir)
    command = f"`dvc repro prepare` or `python pipelines/prepare.py data={config['name']}`"
    if not record.exists() or not Path(images_dir, "meta.json").exists():
        raise UserError(f"the images of {config['name']} are not prepared: run {command}, with your data options")
    made = read_json(record)
    for key in config:
        if key != "workers" and config[key] != made.get(key):
            raise UserError(
                f"{images_dir} was prepared with data.{key}={made.get(key)}, but this run says {config[key]}: "
                f"run {command} with your data options, or give this run the same ones"
            )


def _record(images_dir: str | Path) -> Path:
    """Beside the images, not among them: where they came from is no part of what they are."""
    return Path(images_dir).with_name("prepared.json")


def _draw(config: Mapping[str, Any], folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Draw the procedural images of every split straight into its array."""
    size, rows, first = config["size"], [], 0
    for split in SPLITS:
        number = config[split]
        if not number or number < 2:
            raise UserError(f"data.{split} is {number}; critters are drawn to order: give a number of images, 2 or more")
        indices = range(first, first + number)
        first += number
        images = open_memmap(folder / f"{split}.npy", mode="w+", dtype=np.uint8, shape=(number, size, size, 3))
        masks = open_memmap(folder / "masks_test.npy", mode="w+", dtype=np.uint8, shape=(number, size, size)) if split == "test" else None
        _, labels, _ = generate(config["seed"], indices, size, config["workers"] or os.cpu_count() or 1, images=images, masks=masks)
        for row, (index, label) in enumerate(zip(indices, labels.tolist(), strict=True)):
            name = CLASSES[label]
            rows.append(
                {
                    "path": f"{name}/{index:07d}",
                    "class": name,
                    "label": label,
                    "split": split,
                    "row": row,
                    "sha256": hashlib.sha256(images[row].tobytes()).hexdigest(),
                    "bytes": images[row].nbytes,
                }
            )
        images.flush()
    return rows, []


def _decode(config: Mapping[str, Any], listing: Listing, folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, str]], list[str]]:
    """Decode every file that may be needed, split what is readable, and write the arrays."""
    preprocessing = Preprocessing(config["size"], config["channels"], config["resize"])
    label_of = {name: label for label, name in enumerate(listing.classes)}
    entries = listing.entries
    shape = (config["size"], config["size"], config["channels"])
    skipped = list(listing.skipped)
    seen: dict[str, Decoded] = {}
    first: dict[str, str] = {}
    pool = open_memmap(folder / ".decoded.npy", mode="w+", dtype=np.uint8, shape=(max(len(entries), 1), *shape))
    decoded = decode_files([entry.path for entry in entries], listing, preprocessing, config["workers"])
    for index, item in enumerate(progress(decoded, "decoding", total=len(entries))):
        if item.image is None:
            skipped.append({"path": item.path, "reason": item.reason})
            continue
        if item.sha256 in first:
            skipped.append({"path": item.path, "reason": f"the same file as {first[item.sha256]}"})
            continue
        first[item.sha256] = item.path
        pool[index] = item.image
        seen[item.path] = Decoded(item.path, item.sha256, item.bytes, None)
    candidates = [
        Candidate(entry.path, label_of[entry.class_name], entry.split, seen[entry.path].sha256, seen[entry.path].bytes, index)
        for index, entry in enumerate(entries)
        if entry.path in seen
    ]
    rows = arrange(candidates, pool, listing.classes, config, folder)
    del pool
    (folder / ".decoded.npy").unlink()
    return rows, skipped, listing.classes
