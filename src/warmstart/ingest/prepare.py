"""The ``prepare`` stage: from a source of images to a manifest, an array a split, and a record of every photo."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from warmstart.config.data_schema import Collection, Critters, Data, Photos
from warmstart.dataset.image_store import RESIZED
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowArray
from warmstart.files.digest import digest, sha256_file
from warmstart.files.plain import replace_dir
from warmstart.ingest.catalogue import Catalogue, catalogue_files
from warmstart.ingest.check_prepared import preparation_file
from warmstart.ingest.checks import check_disk, check_request
from warmstart.ingest.critters import CLASSES
from warmstart.ingest.critters_writer import draw_resized, draw_splits
from warmstart.ingest.curation import Curation, curate, curate_arrays
from warmstart.ingest.duplicates.find import find_duplicates
from warmstart.ingest.masks import write_masks
from warmstart.ingest.messages import log_findings
from warmstart.ingest.scan import write_scan
from warmstart.ingest.sizes import (
    Decoded,
    decoded_files,
    other_sizes,
    write_images,
    write_resized_meta,
)
from warmstart.ingest.sources.arrays import catalogue_arrays
from warmstart.ingest.sources.open import is_array_source, open_arrays, open_listing
from warmstart.ingest.write_splits import assign_splits, write_splits
from warmstart.records.images import PreparedImages, SkippedFile, SplitCounts
from warmstart.records.preparation import Preparation

log = logging.getLogger(__name__)


def prepare(data: Data, out_dir: str | Path, sizes: Sequence[int] = ()) -> None:
    """Write the prepared images that ``data`` asks for into ``out_dir``, and the same at other ``sizes`` beside it.

    Writes ``manifest.csv``, ``meta.json``, ``train.npy``, ``val.npy``, ``test.npy`` and, where the evidence for the
    class is known, ``masks_test.npy`` (read them with ``ImageStore``); and beside ``out_dir`` the folder ``scan`` with
    a record of every photo of the source (``photos.csv``) and of what was found among them (``scan.json``), and the
    folder ``resized`` with arrays in a folder of each size. Raises UserError; then nothing that stood there before is
    lost.
    """
    check_request(data)
    record, others = preparation_file(out_dir), other_sizes(data, sizes)
    scan_dir, resized_dir = (Path(out_dir).with_name(name) for name in ("scan", RESIZED))
    with replace_dir(out_dir) as folder, replace_dir(scan_dir) as scan, replace_dir(resized_dir) as resized:
        work = _draw if isinstance(data, Critters) else _decode
        prepared = work(data, others, folder, scan, resized)
        write_resized_meta(prepared, others, resized)
        record.unlink(missing_ok=True)  # it stands only where both folders do
    Preparation(asdict(data)).write(record)
    counts = prepared.counts
    log.info("prepared %s: %d train, %d val, %d test", data.name, counts.train, counts.val, counts.test)


def decode_and_curate(data: Data, decoded: Sequence[Decoded]) -> tuple[Catalogue, Curation]:
    """Decode all photos into the files of ``decoded``, which are closed, and decide which photos are used. The first
    file is of the dataset's size. Raises UserError.
    """
    catalogue = _catalogue(data, decoded)
    for each in decoded:
        each.rows.close()
    near = isinstance(data, Photos) and data.near_duplicates
    duplicates = find_duplicates(catalogue, RowArray([decoded[0].rows.path]), near=near)
    if isinstance(data, Photos):
        return catalogue, curate(catalogue, duplicates, data)
    return catalogue, curate_arrays(catalogue, duplicates)


def _draw(data: Data, sizes: Sequence[int], folder: Path, scan: Path, resized: Path) -> PreparedImages:
    assert isinstance(data, Critters)
    counts = SplitCounts(data.train, data.val, data.test)
    log.info("drawing %s", check_disk(data, counts.total, folder, sizes))
    draw_splits(data, folder, scan)
    for size in sizes:
        draw_resized(data, size, resized / str(size))
    return _write_meta(folder, data, counts)


def _decode(data: Data, sizes: Sequence[int], folder: Path, scan: Path, resized: Path) -> PreparedImages:
    assert isinstance(data, Collection)
    with decoded_files(data, sizes, folder, resized) as decoded:
        catalogue, curation = decode_and_curate(data, decoded)
        assignment = assign_splits(catalogue, curation, data)
        first, *others = decoded
        members = write_splits(catalogue, curation, assignment, RowArray([first.rows.path]), data.seed, folder)
        for each in others:
            write_images(RowArray([each.rows.path]), catalogue.rows, members, each.folder)
        for each in decoded:
            test = [catalogue.paths[i] for i in members["test"]]
            write_masks(each.folder, test, catalogue.mask, each.preprocessing)
    write_scan(scan, catalogue, curation, assignment.splits, data, max([data.size, *sizes]))
    prepared = _write_meta(folder, data, assignment.counts, catalogue, curation)
    log_findings(catalogue, curation, assignment)
    return prepared


def _catalogue(data: Data, decoded: Sequence[Decoded]) -> Catalogue:
    place, sizes = decoded[0].folder, [each.preprocessing.size for each in decoded[1:]]
    if is_array_source(data):
        arrays = open_arrays(data)
        log.info("resizing %s", check_disk(data, len(arrays.images), place, sizes))
        return catalogue_arrays(arrays, decoded)
    listing = open_listing(data)
    log.info("decoding %s", check_disk(data, len(listing.entries), place, sizes))
    return catalogue_files(listing, decoded, data.workers)


def _write_meta(
    folder: Path, data: Data, counts: SplitCounts, catalogue: Catalogue | None = None, curation: Curation | None = None
) -> PreparedImages:
    """Write ``meta.json`` beside the arrays and the manifest in ``folder``. catalogue, curation: None for critters."""
    skipped = list(catalogue.skipped) if catalogue else []
    if catalogue and curation:
        skipped += [SkippedFile(catalogue.paths[i], reason) for i, reason in sorted(curation.left_out.items())]
    # Of the decoded pixels too: another decoder makes other images of the same photos.
    pixels = {split: sha256_file(folder / f"{split}.npy") for split in SPLITS}
    how = [data.size, data.channels, data.resize, data.fit]
    prepared = PreparedImages(
        dataset=data.name,
        classes=list(catalogue.classes if catalogue else CLASSES),
        size=data.size,
        channels=data.channels,
        resize=data.resize,
        fit=data.fit,
        digest=digest([sha256_file(folder / "manifest.csv"), *how, *pixels.values()]),
        pixels=pixels,  # type: ignore[arg-type]  # its keys are splits
        counts=counts,
        folds=data.folds if isinstance(data, Collection) else None,
        corrected=len(curation.original_classes) if curation else 0,
        dropped=len(curation.corrections.dropped) if curation else 0,
        skipped=skipped,
        has_masks=(folder / "masks_test.npy").exists(),
    )
    prepared.write(folder / "meta.json")
    return prepared
