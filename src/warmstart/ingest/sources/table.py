"""A table with a line per photo: its path, its label and, if wanted, its split and what photos have in common."""

from __future__ import annotations

import os
from pathlib import Path

from warmstart.config.data_schema import Csv
from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.ingest.sources.folder import FolderReader
from warmstart.ingest.sources.listing import SPLIT_WORDS, Entry, Listing, classes_of
from warmstart.ingest.sources.suffixes import what_else
from warmstart.ingest.sources.table_file import Table
from warmstart.ingest.sources.walk import need_file, why_not_read
from warmstart.records.images import SkippedFile
from warmstart.text.printable import printable

ONE_LABEL = "Warmstart is for one label a photo (a photo of several classes is another task)"
BRACKETS = {"[": "]", "(": ")", "{": "}"}


def list_table(data: Csv) -> Listing:
    """List the photos of ``data.csv``: columns path and label, split and ``data.group_by`` where there are.

    data: the group of the configuration. Files that do not exist are skipped and reported. Raises UserError, naming the
    file, the line and what to do.
    """
    if not data.csv:
        raise UserError("data.csv is not set: give a table with a line per photo and the columns path and label")
    path = Path(expand_user(data.csv))
    where = f"data.csv: {path}"
    need_file(path, where, "give the table itself")
    base = Path(expand_user(data.folder)) if data.folder else path.parent
    if not base.is_dir():
        raise UserError(
            f"data.folder: {base} {'is a file' if base.exists() else 'does not exist'}: give the folder that paths "
            f"start at"
        )
    entries, skipped = _read(Table(path, where, ("path", "label")), os.path.abspath(base), data.group_by)
    classes = classes_of((entry.class_name for entry in entries), where)
    return Listing(sorted(entries, key=lambda entry: entry.path), classes, FolderReader(base), skipped)


def _read(table: Table, base: str, group_by: str | None) -> tuple[list[Entry], list[SkippedFile]]:
    group = table.place(group_by, "data.group_by") if group_by else None
    split = table.columns.index("split") if "split" in table.columns else None
    path, label = table.columns.index("path"), table.columns.index("label")
    if group is not None and group in (path, label, split):
        raise UserError(
            f"data.group_by is {group_by!r}, which cannot tell what photos have in common: name another column, or null"
        )
    lines: dict[str, tuple[int, Entry]] = {}  # file → where it was listed first
    entries: list[Entry] = []
    skipped = []
    missing, unsplit = [], []
    labels: set[str] = set()
    doubtful: list[tuple[int, str]] = []  # labels with a comma
    for line, row in table.rows():
        here = f"{table.where}, line {line}"
        if not row[path] or not row[label]:
            raise UserError(f"{here} has no {'label' if row[path] else 'path'}: fill it in, or remove the line")
        if any(mark in row[label] for mark in ";|") or BRACKETS.get(row[label][0]) == row[label][-1]:
            raise UserError(f"{here}: label {row[label]!r} looks like a list of labels; {ONE_LABEL}: keep one")
        if "," in row[label] and row[label] not in labels:
            doubtful.append((line, row[label]))
        labels.add(row[label])
        if split is not None and not row[split]:
            unsplit.append(line)
        entry = Entry(
            _inside(row[path], base),
            row[label],
            _split(row[split], here) if split is not None else None,
            (row[group] or None) if group is not None else None,
        )
        if entry.path in lines:
            _check_again(entry, *lines[entry.path], here, line)
            already = f"listed on line {lines[entry.path][0]} already, and again on line {line}"
            skipped.append(SkippedFile(entry.path, already))
            continue
        lines[entry.path] = line, entry
        full = os.path.join(base, entry.path)
        if reason := why_not_read(full):
            missing.append(full)
            skipped.append(SkippedFile(entry.path, f"{reason} (line {line})"))
        elif what_else(entry.path):
            skipped.append(SkippedFile(entry.path, f"{what_else(entry.path)} (line {line})"))
        else:
            entries.append(entry)
    if not lines:
        raise UserError(f"{table.where} has no lines below its first: give a line per photo")
    if len(missing) == len(lines):
        raise UserError(
            f"{table.where}: none of its {len(missing):,} files exists; the first was looked for at "
            f"{printable(missing[0])}: "
            "say where the paths start: --set data.folder=FOLDER"
        )
    for line, text in doubtful:
        if {part.strip() for part in text.split(",")} <= labels:
            raise UserError(f"{table.where}, line {line}: label {text!r} is a list of labels; {ONE_LABEL}: keep one")
    return _checked_splits(entries, unsplit, len(lines), table.where), skipped


def _inside(text: str, base: str) -> str:
    """The path of a photo below ``base`` where it lies there, else absolute; the same for every spelling."""
    full = os.path.join(base, expand_user(text, base))
    if "\\" in text and os.sep == "/" and not os.path.exists(full):
        full = os.path.join(base, text.replace("\\", "/"))  # written on Windows
    full = os.path.normpath(full)
    inside = os.path.join(base, "")
    return (full[len(inside) :] if full.startswith(inside) else full).replace(os.sep, "/")


def _split(text: str, here: str) -> str | None:
    if text and text.lower() not in SPLIT_WORDS:
        raise UserError(f"{here}: split {text!r} is not known; it is train, val or test")
    return SPLIT_WORDS[text.lower()] if text else None


def _check_again(entry: Entry, first_line: int, first: Entry, here: str, line: int) -> None:
    """Refuse a second line about the same photo that says something else."""
    for what, a, b in (
        ("label", first.class_name, entry.class_name),
        ("split", first.split, entry.split),
        ("group", first.group, entry.group),
    ):
        if a != b:
            remedy = f"{ONE_LABEL}: keep one of the lines" if what == "label" else "keep one of the lines"
            raise UserError(
                f"{here}: {printable(entry.path)} has {what} {b!r}, but on line {first_line} {a!r}; {remedy}"
            )


def _checked_splits(entries: list[Entry], unsplit: list[int], n: int, where: str) -> list[Entry]:
    if 0 < len(unsplit) < n:
        raise UserError(
            f"{where}, line {unsplit[0]} has no split, though others have: fill it in, or remove the column split"
        )
    found = {entry.split for entry in entries if entry.split}
    if found and not {"train", "test"} <= found:
        missing = " and no ".join(sorted({"train", "test"} - found))
        raise UserError(
            f"{where} has no line of split {missing}: a ready-made split needs train and test; or remove the column "
            f"split"
        )
    return entries
