"""The ``prepare`` stage: from a source of images to one manifest, three arrays and a record of what was found and left out."""

from __future__ import annotations

import csv
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warmstart.cells import cell_path, cell_text
from warmstart.config.paths import PATH_KEYS
from warmstart.console import printable
from warmstart.data.arrange import Chosen, arrange, choose
from warmstart.data.checks import check_disk, check_request
from warmstart.data.critters import CLASSES
from warmstart.data.decide import Decisions, decide, decide_arrays
from warmstart.data.drawn import draw_splits
from warmstart.data.duplicates.find import find_duplicates
from warmstart.data.masks import write_masks
from warmstart.data.preprocess import Preprocessing
from warmstart.data.rows import RowArray, RowWriter
from warmstart.data.scan import write_scan
from warmstart.data.sources.arrays import survey_arrays
from warmstart.data.sources.folder import FolderReader
from warmstart.data.sources.open import ARRAY_SOURCES, open_arrays, open_listing
from warmstart.data.splitting.split import SPLITS
from warmstart.data.survey import Survey, survey_files
from warmstart.digest import digest, sha256_file
from warmstart.errors import UserError
from warmstart.files import read_json, replace_dir, write_json

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
            write_scan(scan, survey, decisions, chosen.splits, config, "arrays" if config["source"] in ARRAY_SOURCES else "files")
            counts = {split: int((chosen.splits == number).sum()) for number, split in enumerate(SPLITS)}
            _write_meta(folder, config, survey.classes, counts, (survey, decisions))
            _tell(survey, decisions, chosen)
        _record(out_dir).unlink(missing_ok=True)  # until both folders stand, nobody is told that they do
    write_json(_record(out_dir), dict(config))
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


def check_prepared(config: Mapping[str, Any], images_dir: str | Path) -> None:
    """Refuse (UserError) prepared images that are missing or that another configuration prepared.

    config: the ``data`` group; keys that it lacks, because a stage may not read them, are not compared.
    """
    record = _record(images_dir)
    by_hand = f"`python pipelines/prepare.py data={config['name']}`"
    command = f"`dvc repro prepare` or {by_hand}"
    if not record.exists() or not Path(images_dir, "meta.json").exists():
        raise UserError(f"the images of {config['name']} are not prepared: run {command}, with your data options")
    made = read_json(record)
    for key in config:
        if key == "workers" or config[key] == made.get(key) or (key in ("folder", "csv") and _same_photos(config, images_dir)):
            continue
        # A file that was moved prepares nothing anew under DVC, which compares contents.
        run = by_hand if f"data.{key}" in PATH_KEYS else command
        raise UserError(
            f"{images_dir} was prepared with data.{key}={made.get(key)}, but this run says {config[key]}: "
            f"run {run} with your data options, or give this run the same ones"
        )


def _same_photos(config: Mapping[str, Any], images_dir: str | Path) -> bool:
    """Whether the photos have the same names, classes and contents as the prepared ones: then their folder or table was moved or
    copied, which ``dvc repro`` does not prepare again.
    """
    if config.get("source") not in ("folder", "csv"):
        return False
    try:
        listing = open_listing(config)
        assert isinstance(listing.read, FolderReader)
        files = [listing.read.file(entry.path) for entry in listing.entries]
        now = [(entry.path, entry.class_name, str(file.stat().st_size)) for entry, file in zip(listing.entries, files, strict=True)]
        with Path(images_dir).with_name("scan").joinpath("photos.csv").open(encoding="utf-8", newline="") as table:
            then = list(csv.DictReader(table))
        if now != [(cell_path(row["path"]), cell_text(row["class"]), row["bytes"]) for row in then]:
            return False
        return all(sha256_file(file) == row["sha256"] for file, row in zip(files, then, strict=True) if row["sha256"])
    except (UserError, OSError):
        return False


def _record(images_dir: str | Path) -> Path:
    """Beside the images, not among them: where they came from is no part of what they are."""
    return Path(images_dir).with_name("prepared.json")


def _write_meta(
    folder: Path, config: Mapping[str, Any], classes: Sequence[str], counts: Mapping[str, int], found: tuple[Survey, Decisions] | None
) -> None:
    how = {key: config[key] for key in ("size", "channels", "resize", "fit")}
    skipped: list[dict[str, str]] = []
    corrected = dropped = 0
    if found:
        survey, decisions = found
        skipped = [*survey.skipped, *({"path": survey.paths[i], "reason": why} for i, why in sorted(decisions.left_out.items()))]
        corrected, dropped = len(decisions.labelled), len(decisions.corrections.dropped)
    write_json(
        folder / "meta.json",
        {
            "dataset": config["name"],
            "classes": list(classes),
            **how,
            "digest": digest([sha256_file(folder / "manifest.csv"), *how.values()]),
            "counts": dict(counts),
            "folds": config.get("folds"),
            "corrected": corrected,
            "dropped": dropped,
            "skipped": skipped,
            "has_masks": (folder / "masks_test.npy").exists(),
        },
    )


def _tell(survey: Survey, decisions: Decisions, chosen: Chosen) -> None:
    """Say in a few lines what was found and what became of it."""
    for note in survey.notes:
        log.warning("%s", printable(note))
    for label, name in enumerate(survey.classes[:SHOWN]):
        of_class = chosen.splits[decisions.labels == label]
        log.info("class %s: %s", printable(name), ", ".join(f"{(of_class == number).sum()} {split}" for number, split in enumerate(SPLITS)))
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
            "the same photo with different labels, %s: %s%s", found, printable(shown), " …" if len(decisions.conflicts) > SHOWN else ""
        )
    skipped = [(item["path"], item["reason"]) for item in survey.skipped]
    skipped += [(survey.paths[photo], reason) for photo, reason in sorted(decisions.left_out.items())]
    if skipped:
        shown = ", ".join(f"{path} ({reason})" for path, reason in skipped[:SHOWN])
        log.warning("skipped %s: %s%s", _counted(len(skipped), "file"), printable(shown), " …" if len(skipped) > SHOWN else "")


def _counted(number: int, what: str) -> str:
    """A number and its noun."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
