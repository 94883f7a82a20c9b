"""Writing images/meta.json: what the prepared images are, and the digest by which everything made from them
knows them.
"""

from __future__ import annotations

from pathlib import Path

from warmstart.config.data_schema import Collection, Data
from warmstart.dataset.manifest import SPLITS
from warmstart.files.digest import digest, sha256_file
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.critters import CLASSES
from warmstart.ingest.curation import Curation
from warmstart.records.images import PreparedImages, SkippedFile, SplitCounts


def write_images_meta(
    folder: Path,
    data: Data,
    counts: SplitCounts,
    catalogue: Catalogue | None = None,
    curation: Curation | None = None,
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
