"""The ``prepare`` stage: from a source of images to one manifest, three arrays and a record of what was found and left out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.dataset.row_array import RowArray, RowWriter
from warmstart.files.digest import digest, sha256_file
from warmstart.files.plain import replace_dir, write_json
from warmstart.ingest.catalogue import Survey, survey_files
from warmstart.ingest.check_prepared import record_of
from warmstart.ingest.checks import check_disk, check_request
from warmstart.ingest.critters import CLASSES
from warmstart.ingest.critters_writer import draw_splits
from warmstart.ingest.curation import Decisions, decide, decide_arrays
from warmstart.ingest.duplicates.find import find_duplicates
from warmstart.ingest.masks import write_masks
from warmstart.ingest.scan import write_scan
from warmstart.ingest.sources.arrays import survey_arrays
from warmstart.ingest.sources.open import ARRAY_SOURCES, open_arrays, open_listing
from warmstart.ingest.write_splits import Chosen, arrange, choose
from warmstart.records.images import PreparedImages, SkippedFile, SplitCounts
from warmstart.text.printable import printable

SHOWN = 10
log = logging.getLogger(__name__)


def prepare(config: Mapping[str, Any], out_dir: str | Path) -> None:
    """Write the prepared images of ``config`` (the ``data`` group of the configuration, as plain data) into ``out_dir``.

    Writes ``manifest.csv``, ``meta.json``, ``train.npy``, ``val.npy``, ``test.npy`` and, where the evidence is known,
    ``masks_test.npy`` (read them with ``ImageStore``); and beside ``out_dir`` the folder ``scan``, a record of every photo of the
    source (``photos.csv``) and of what was found among them (``scan.json``). Raises UserError; then nothing that stood there before
    is lost.
    """
    check_request(config)
    preprocessing = preprocessing_of(config)
    with replace_dir(out_dir) as folder, replace_dir(Path(out_dir).with_name("scan")) as scan:
        if config["source"] == "critters":
            log.info("drawing %s", check_disk(config, sum(config[split] for split in SPLITS), folder))
            draw_splits(config, folder, scan)
            counts = {split: config[split] for split in SPLITS}
            _write_meta(folder, config, list(CLASSES), counts, None)
        else:
            decoded = folder / ".decoded.npy"
            with RowWriter(decoded, (config["size"], config["size"], config["channels"])) as pool:
                survey, decisions = look(config, preprocessing, pool)
            chosen = choose(survey, decisions, config)
            members = arrange(survey, decisions, chosen, RowArray([decoded]), config["seed"], folder)
            write_masks(folder, [survey.paths[photo] for photo in members["test"]], survey.mask, preprocessing)
            decoded.unlink()
            write_scan(
                scan,
                survey,
                decisions,
                chosen.splits,
                config,
                "arrays" if config["source"] in ARRAY_SOURCES else "files",
            )
            counts = {split: int((chosen.splits == number).sum()) for number, split in enumerate(SPLITS)}
            _write_meta(folder, config, survey.classes, counts, (survey, decisions))
            _tell(survey, decisions, chosen)
        record_of(out_dir).unlink(missing_ok=True)  # until both folders stand, nobody is told that they do
    write_json(record_of(out_dir), dict(config))
    log.info("prepared %s: %s", config["name"], ", ".join(f"{counts[split]} {split}" for split in SPLITS))


def preprocessing_of(config: Mapping[str, Any]) -> Preprocessing:
    """The preprocessing that the ``data`` group asks for. Raises UserError."""
    return Preprocessing(config["size"], config["channels"], config["resize"], fit=config["fit"])


def look(config: Mapping[str, Any], preprocessing: Preprocessing, pool: RowWriter) -> tuple[Survey, Decisions]:
    """Survey the photos of a source, their images into ``pool``, which is closed, and decide what becomes of each. Raises UserError."""
    survey = _survey(config, preprocessing, pool)
    pool.close()
    arrays = config["source"] in ARRAY_SOURCES
    duplicates = find_duplicates(survey, RowArray([pool.path]), near=not arrays and config["near_duplicates"])
    return survey, decide_arrays(survey, duplicates) if arrays else decide(survey, duplicates, config)


def _survey(config: Mapping[str, Any], preprocessing: Preprocessing, pool: RowWriter) -> Survey:
    if config["source"] in ARRAY_SOURCES:
        arrays = open_arrays(config)
        log.info("resizing %s", check_disk(config, len(arrays.images), pool.path.parent))
        return survey_arrays(arrays, preprocessing, pool)
    listing = open_listing(config)
    log.info("decoding %s", check_disk(config, len(listing.entries), pool.path.parent))
    return survey_files(listing, preprocessing, pool, config["workers"])


def _write_meta(
    folder: Path,
    config: Mapping[str, Any],
    classes: Sequence[str],
    counts: Mapping[str, int],
    found: tuple[Survey, Decisions] | None,
) -> None:
    how = {key: config[key] for key in ("size", "channels", "resize", "fit")}
    skipped: list[SkippedFile] = []
    pixels = {split: sha256_file(folder / f"{split}.npy") for split in SPLITS}
    corrected = dropped = 0
    if found:
        survey, decisions = found
        skipped = [
            *(SkippedFile(item["path"], item["reason"]) for item in survey.skipped),
            *(SkippedFile(survey.paths[i], why) for i, why in sorted(decisions.left_out.items())),
        ]
        corrected, dropped = len(decisions.labelled), len(decisions.corrections.dropped)
    PreparedImages(
        dataset=config["name"],
        classes=list(classes),
        **how,
        # Of the decoded pixels too: another decoder makes other images of the same photos.
        digest=digest([sha256_file(folder / "manifest.csv"), *how.values(), *pixels.values()]),
        pixels=pixels,  # type: ignore[arg-type] # its keys are SPLITS
        counts=SplitCounts(**counts),
        folds=config.get("folds"),
        corrected=corrected,
        dropped=dropped,
        skipped=skipped,
        has_masks=(folder / "masks_test.npy").exists(),
    ).write(folder / "meta.json")


def _tell(survey: Survey, decisions: Decisions, chosen: Chosen) -> None:
    """Say in a few lines what was found and what became of it."""
    for note in survey.notes:
        log.warning("%s", printable(note))
    for label, name in enumerate(survey.classes[:SHOWN]):
        of_class = chosen.splits[decisions.labels == label]
        log.info(
            "class %s: %s",
            printable(name),
            ", ".join(f"{(of_class == number).sum()} {split}" for number, split in enumerate(SPLITS)),
        )
    if len(survey.classes) > SHOWN:
        log.info("… and %d more classes", len(survey.classes) - SHOWN)
    corrections = decisions.corrections
    if decisions.duplicates.near:
        log.info("near duplicates: %s", _counted(len(decisions.duplicates.near), "pair"))
    if corrections.file:
        changed, dropped = _counted(len(decisions.labelled), "label"), _counted(len(corrections.dropped), "photo")
        log.info("%s: %s changed, %s dropped", corrections.file, changed, dropped)
    if decisions.conflicts:
        shown = "; ".join(" and ".join(survey.paths[photo] for photo in group) for group in decisions.conflicts[:SHOWN])
        found = _counted(len(decisions.conflicts), "time")
        log.warning(
            "the same photo with different labels, %s: %s%s",
            found,
            printable(shown),
            " …" if len(decisions.conflicts) > SHOWN else "",
        )
    skipped = [(item["path"], item["reason"]) for item in survey.skipped]
    skipped += [(survey.paths[photo], reason) for photo, reason in sorted(decisions.left_out.items())]
    if skipped:
        shown = ", ".join(f"{path} ({reason})" for path, reason in skipped[:SHOWN])
        log.warning(
            "skipped %s: %s%s", _counted(len(skipped), "file"), printable(shown), " …" if len(skipped) > SHOWN else ""
        )


def _counted(number: int, what: str) -> str:
    """A number and its noun."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
