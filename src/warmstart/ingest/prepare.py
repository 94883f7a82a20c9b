"""The ``prepare`` stage: from a source of images to a manifest, an array a split, and a record of every photo."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path

from warmstart.config.data_schema import Collection, Critters, Data, Photos
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.dataset.row_array import RowArray, RowWriter
from warmstart.files.digest import digest, sha256_file
from warmstart.files.plain import replace_dir
from warmstart.ingest.catalogue import Catalogue, catalogue_files
from warmstart.ingest.check_prepared import preparation_file
from warmstart.ingest.checks import check_disk, check_request
from warmstart.ingest.critters import CLASSES
from warmstart.ingest.critters_writer import draw_splits
from warmstart.ingest.curation import Curation, curate, curate_arrays
from warmstart.ingest.duplicates.find import find_duplicates
from warmstart.ingest.masks import write_masks
from warmstart.ingest.messages import log_findings
from warmstart.ingest.scan import write_scan
from warmstart.ingest.sources.arrays import catalogue_arrays
from warmstart.ingest.sources.open import is_array_source, open_arrays, open_listing
from warmstart.ingest.write_splits import assign_splits, write_splits
from warmstart.records.images import PreparedImages, SkippedFile, SplitCounts
from warmstart.records.preparation import Preparation

log = logging.getLogger(__name__)


def prepare(data: Data, out_dir: str | Path) -> None:
    """Write the prepared images that ``data`` asks for into ``out_dir``.

    Writes ``manifest.csv``, ``meta.json``, ``train.npy``, ``val.npy``, ``test.npy`` and, where the evidence for the
    class is known, ``masks_test.npy`` (read them with ``ImageStore``); and beside ``out_dir`` the folder ``scan`` with
    a record of every photo of the source (``photos.csv``) and of what was found among them (``scan.json``). Raises
    UserError; then nothing that stood there before is lost.
    """
    check_request(data)
    record = preparation_file(out_dir)
    with replace_dir(out_dir) as folder, replace_dir(Path(out_dir).with_name("scan")) as scan:
        counts = _draw(data, folder, scan) if isinstance(data, Critters) else _decode(data, folder, scan)
        record.unlink(missing_ok=True)  # it stands only where both folders do
    Preparation(asdict(data)).write(record)
    log.info("prepared %s: %d train, %d val, %d test", data.name, counts.train, counts.val, counts.test)


def preprocessing_of(data: Data) -> Preprocessing:
    """The preprocessing that the configuration asks for. Raises UserError."""
    return Preprocessing(data.size, data.channels, data.resize, fit=data.fit)


def decode_and_curate(data: Data, pool: RowWriter) -> tuple[Catalogue, Curation]:
    """Decode all photos into ``pool``, which is closed, and decide which of them are used. Raises UserError."""
    catalogue = _catalogue(data, pool)
    pool.close()
    near = isinstance(data, Photos) and data.near_duplicates
    duplicates = find_duplicates(catalogue, RowArray([pool.path]), near=near)
    if isinstance(data, Photos):
        return catalogue, curate(catalogue, duplicates, data)
    return catalogue, curate_arrays(catalogue, duplicates)


def _draw(data: Critters, folder: Path, scan: Path) -> SplitCounts:
    counts = SplitCounts(data.train, data.val, data.test)
    log.info("drawing %s", check_disk(data, counts.total, folder))
    draw_splits(data, folder, scan)
    _write_meta(folder, data, counts)
    return counts


def _decode(data: Data, folder: Path, scan: Path) -> SplitCounts:
    assert isinstance(data, Collection)
    decoded = folder / ".decoded.npy"
    with RowWriter(decoded, (data.size, data.size, data.channels)) as pool:
        catalogue, curation = decode_and_curate(data, pool)
    assignment = assign_splits(catalogue, curation, data)
    members = write_splits(catalogue, curation, assignment, RowArray([decoded]), data.seed, folder)
    write_masks(folder, [catalogue.paths[i] for i in members["test"]], catalogue.mask, preprocessing_of(data))
    decoded.unlink()
    write_scan(scan, catalogue, curation, assignment.splits, data)
    _write_meta(folder, data, assignment.counts, catalogue, curation)
    log_findings(catalogue, curation, assignment)
    return assignment.counts


def _catalogue(data: Data, pool: RowWriter) -> Catalogue:
    if is_array_source(data):
        arrays = open_arrays(data)
        log.info("resizing %s", check_disk(data, len(arrays.images), pool.path.parent))
        return catalogue_arrays(arrays, preprocessing_of(data), pool)
    listing = open_listing(data)
    log.info("decoding %s", check_disk(data, len(listing.entries), pool.path.parent))
    return catalogue_files(listing, preprocessing_of(data), pool, data.workers)


def _write_meta(
    folder: Path, data: Data, counts: SplitCounts, catalogue: Catalogue | None = None, curation: Curation | None = None
) -> None:
    """Write ``meta.json`` beside the arrays and the manifest in ``folder``. catalogue, curation: None for critters."""
    skipped = list(catalogue.skipped) if catalogue else []
    if catalogue and curation:
        skipped += [SkippedFile(catalogue.paths[i], reason) for i, reason in sorted(curation.left_out.items())]
    # Of the decoded pixels too: another decoder makes other images of the same photos.
    pixels = {split: sha256_file(folder / f"{split}.npy") for split in SPLITS}
    how = [data.size, data.channels, data.resize, data.fit]
    PreparedImages(
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
    ).write(folder / "meta.json")
