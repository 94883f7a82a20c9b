"""Labels that a person has looked at: a table that `compare` writes, a person fills in, and prepare goes by."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from warmstart.errors import UserError
from warmstart.files.cells import cell_path, cell_text
from warmstart.ingest.sources.table_file import Table
from warmstart.text.near_names import did_you_mean

DROP = "drop"
LABEL_COLUMNS = ("new_label", "label")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Corrections:
    """file: name of the table, or None. labels: photo → its class by the table. dropped: photos not to be used."""

    file: str | None = None
    labels: dict[int, int] = field(default_factory=dict)
    dropped: frozenset[int] = frozenset()


def read_corrections(path: str | Path, paths: Sequence[str], classes: Sequence[str]) -> Corrections:
    """Read a table of corrections for the photos ``paths``.

    Columns: ``path`` and ``new_label`` (or ``label``): a class, ``drop``, or nothing to leave the photo as it is.
    Raises UserError, naming file and line, for unknown photos, unknown classes and contradictory lines.
    """
    path = Path(path)
    table = Table(path, f"data.corrections: {path}", ("path",))
    column = next((name for name in LABEL_COLUMNS if name in table.columns), LABEL_COLUMNS[0])
    path_column, label_column = (table.place(name, "data.corrections") for name in ("path", column))
    find = _finder(paths)
    label_of = {name: label for label, name in enumerate(classes)}
    answers: dict[int, tuple[int | None, int]] = {}
    for number, values in table.rows(strip=False):
        given, word, where = values[path_column], values[label_column], f"data.corrections: {path}, line {number}"
        photo = find(given)
        if photo is None:
            raise UserError(f"{where}: {given!r} is no photo of this dataset{_alike(given, paths)}")
        if not word.strip():
            continue
        spellings = (cell_text(word), word, cell_text(word.strip()), word.strip())
        word = next((name for name in spellings if name in label_of), word.strip())
        if word == DROP and DROP in label_of:
            raise UserError(f"{where}: {DROP!r} is the word for leaving a photo out, and a class too: rename the class")
        if word != DROP and word not in label_of:
            some = ", ".join(classes[:10]) + (" …" if len(classes) > 10 else "")
            hint = _near_class(word, classes)
            raise UserError(f"{where}: {word!r} is no class{hint}: it is {some}, {DROP}, or nothing to leave it")
        answer = None if word == DROP else label_of[word]
        before = answers.setdefault(photo, (answer, number))
        if before[0] != answer:
            raise UserError(f"{where}: another answer for {given!r} than line {before[1]} gives: keep one of them")
    if not answers:
        log.warning("data.corrections: no line of %s says what to correct; nothing is changed", path)
    return Corrections(
        path.name,
        {photo: label for photo, (label, _) in answers.items() if label is not None},
        frozenset(photo for photo, (label, _) in answers.items() if label is None),
    )


def _finder(paths: Sequence[str]) -> Callable[[str], int | None]:
    """Which photo a cell names: by its path, else the only one but for blanks, line ends and slashes; or None."""
    exact = {path: photo for photo, path in enumerate(paths)}
    loose: dict[str, int | None] = {}
    for photo, path in enumerate(paths):
        key = _plain(path)
        loose[key] = None if key in loose else photo

    def find(cell: str) -> int | None:
        path = cell_path(cell)
        if (photo := exact.get(path, exact.get(cell))) is not None:
            return photo
        return loose.get(_plain(path), loose.get(PurePosixPath(_plain(path).replace("\\", "/")).as_posix()))

    return find


def _plain(path: str) -> str:
    return path.replace("\r\n", "\n").replace("\r", "\n").strip()


def _near_class(word: str, classes: Sequence[str]) -> str:
    by_lower = {name.lower(): name for name in reversed(classes)}
    hint = did_you_mean(word.lower(), by_lower, shown=lambda lower: repr(by_lower[lower]))
    return f" ({hint})" if hint else ""


def _alike(given: str, paths: Sequence[str]) -> str:
    """A hint: the same path with more or fewer folders before it, else a file of the same name."""
    wanted = "/" + given.strip().replace("\\", "/").lstrip("/")
    longer = (path for path in paths if f"/{path}".endswith(wanted) or wanted.endswith(f"/{path}"))
    named = (path for path in paths if path.rpartition("/")[2] == wanted.rpartition("/")[2])
    found = next(longer, None) or next(named, None)
    return f" (did you mean {found!r}?)" if found else ": paths are those in scan/photos.csv"
