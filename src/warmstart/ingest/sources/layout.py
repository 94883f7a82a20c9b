"""What the folders around photos mean: classes, or parts of a ready-made split, perhaps inside another folder.

Decided by shape first: folders that all hold sub-folders of the same names are parts of a split, whatever their names.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from warmstart.errors import UserError
from warmstart.ingest.sources.listing import SPLIT_WORDS
from warmstart.ingest.sources.suffixes import IMAGE_SUFFIXES, suffix_of
from warmstart.text.printable import printable
from warmstart.text.quantities import plural

HOW = "one sub-folder per class, with its photos in it"
AS_CLASSES = "or, if they are the classes, say so: --set data.layout=classes"
# What stands in a folder's name for a part of a split. An evaluation part is the test part where there is no other.
PART_WORDS = {**SPLIT_WORDS, "dev": "val", "eval": "eval", "evaluation": "eval"}
ODD = 10  # of so many sub-folders one may be missing from a part, or be in one part only; of fewer, one


@dataclass(frozen=True)
class Layout:
    """bases: folder of class folders, with its closing slash → its split, or None. notes: conclusions, as sentences."""

    bases: dict[str, str | None]
    notes: list[str] = field(default_factory=list)

    def base_of(self, path: str) -> str | None:
        """The base that a path lies in; None where it lies in none."""
        return next((base for base in self.bases if path.startswith(base)), None)


@dataclass(frozen=True)
class _Top:
    """A folder at the top. inside: the folder in it, or in its only folder and so on, where several lie. loose: photos
    without a folder of their own below the top. names: folders in ``inside`` with photos, as compared.
    """

    name: str
    inside: str
    loose: bool
    names: frozenset[str]

    @property
    def sorted_in(self) -> bool:
        """Whether all its photos lie in folders of their own."""
        return bool(self.names) and not self.loose


def find_layout(paths: Sequence[str], folders: Iterable[str], where: str, layout: str = "auto") -> Layout:
    """Decide what the folders of ``paths`` (visible files, POSIX style) and ``folders`` (visible, also empty) mean.

    layout: ``auto``, or ``classes`` where the folders at the top are the classes whatever they hold. Raises UserError,
    saying what to do, where they are no classes and no parts of a split, and where that cannot be told.
    """
    photos = [path for path in paths if suffix_of(path) in IMAGE_SUFFIXES]
    folders = {*folders, *(path.rpartition("/")[0] for path in paths)} - {""}
    around = wrapper(photos, folders)
    notes = [f"all photos lie in {around.rstrip('/')}"] if around else []
    below = [path[len(around) :] for path in photos]
    loose = sum("/" not in path for path in below)
    if loose and loose == len(below):
        raise UserError(
            f"{where} holds {plural(loose, 'photo')} but no class folders: make {HOW}, or list photos and "
            "labels in a table (a .csv with the columns path and label)"
        )
    if layout == "classes":
        return Layout({around: None}, notes)
    tops = _tops(folders, below, around)
    parts = _parts(tops, where)
    if not parts:
        return Layout({around: None}, notes)
    parts.sort(key=lambda one: ("train", "val", "test").index(one[1]))
    renamed = [f"{top.name} is read as {part}" for top, part in parts if top.name.lower() not in SPLIT_WORDS]
    return Layout({f"{around}{top.inside}": part for top, part in parts}, notes + renamed)


def wrapper(photos: Sequence[str], folders: Iterable[str]) -> str:
    """The folder around all class folders, with its closing slash, such as ``PetImages/``; empty where there is none.

    Descends while all photos lie in one folder, in folders of their own, and no other folder lies beside it.
    """
    around, folders = "", [f"{folder}/" for folder in folders]
    while True:
        start = len(around)
        inside = [path[start:] for path in photos if path.startswith(around)]
        tops = {path.split("/", 1)[0] for path in inside if "/" in path}
        tops |= {top for folder in folders if folder.startswith(around) and (top := folder[start:].split("/", 1)[0])}
        if len(tops) != 1 or not inside or any(path.count("/") < 2 for path in inside):
            return around
        around += f"{tops.pop()}/"


def _tops(folders: Iterable[str], photos: Sequence[str], around: str) -> list[_Top]:
    """The folders at the top, below ``around``. photos: their paths from there on."""
    own: dict[str, list[str]] = {
        f"{folder}/"[len(around) :].split("/", 1)[0]: [] for folder in folders if f"{folder}/".startswith(around)
    }
    own.pop("", None)
    for path in photos:
        top, slash, rest = path.partition("/")
        if slash:
            own[top].append(rest)
    found = []
    for name, paths in sorted(own.items()):
        inside = wrapper(paths, ())
        below = [path[len(inside) :] for path in paths]
        names = frozenset(_plain(path.split("/", 1)[0]) for path in below if "/" in path)
        found.append(_Top(name, f"{name}/{inside}", any("/" not in path for path in below), names))
    return found


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _parts(tops: Sequence[_Top], where: str) -> list[tuple[_Top, str]]:
    """The parts of a split that the folders at the top are; empty where they are classes. Raises UserError."""
    exact = {top.name: SPLIT_WORDS[top.name.lower()] for top in tops if top.name.lower() in SPLIT_WORDS}
    said = exact | _said([top.name for top in tops if top.name not in exact], exact)
    once = len(said) - len(exact) == len(set(said.values()) - set(exact.values()))  # exact names may share a part
    full = {"train", "test"} <= set(said.values())
    others = [top.name for top in tops if top.name not in said]
    alike = [top for top in tops if top.sorted_in]
    parts_alike = [top for top in alike if top.name in said]
    if once and full and not others:
        if len(exact) < len(tops) and not all(top.names for top in tops):
            bare = next(top.name for top in tops if not top.names)
            problem = f"{where}: {bare!r} reads like a part of a split but holds no class folders"
            raise UserError(f"{problem}: make {HOW}, in each part, {AS_CLASSES}")
        return [(top, said[top.name]) for top in tops]
    if {"train", "test"} <= set(exact.values()) or (once and full and len(parts_alike) > 1 and _same(parts_alike)):
        raise UserError(
            f"{where} has train and test folders, and beside them "
            f"{_listed(others or [n for n in said if n not in exact])}: keep either train, val and test folders of "
            f"class folders, or {HOW}; {AS_CLASSES}"
        )
    if len(set(said.values())) > 1 and once and not others and (len(exact) == len(tops) or _same(alike)):
        (missing,) = {"train", "test"} - set(said.values())
        raise UserError(
            f"{where} has {' and '.join(sorted(set(said.values())))} folders but no {missing} folder: rename the val "
            f"folder to {missing} (a val part is then taken from train), or make {HOW}, without a split"
        )
    if len(alike) == len(tops) > 1 and _same(alike):
        raise UserError(_refusal(tops, where))
    return []


def _said(names: Sequence[str], exact: dict[str, str]) -> dict[str, str]:
    """The part that a name speaks of: ``training_set``, ``Test-Data 2``, ``segVal``; missing where none or two."""
    found: dict[str, str] = {}
    for name in names:
        words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
        parts = {PART_WORDS[word.lower()] for word in words if word.lower() in PART_WORDS}
        if len(parts) == 1:
            found[name] = parts.pop()
    has_test = "test" in {*found.values(), *exact.values()}
    return {name: ("val" if has_test else "test") if part == "eval" else part for name, part in found.items()}


def _same(tops: Sequence[_Top]) -> bool:
    """Whether folders hold sub-folders of the same names, two or more; a few may be missing from some of them."""
    have = Counter(name for top in tops for name in top.names)
    odd = sum(count < len(tops) for count in have.values())
    return len(tops) > 1 and len(have) > 1 and odd < len(have) and odd <= max(1, len(have) // ODD)


def _refusal(tops: Sequence[_Top], where: str) -> str:
    """All folders hold the same sub-folders, and their names do not say what that means."""
    names = sorted({name for top in tops for name in top.names})
    shown = printable(", ".join(names[:5])) + (" …" if len(names) > 5 else "")
    start = f"{where}: its folders {_listed([top.name for top in tops])} all hold folders of the same names ({shown})"
    if all(name in SPLIT_WORDS for name in names):
        above = f"put train and test above them (train/{tops[0].name} …)"
        return f"{start}, so the split lies below the classes: {above}, {AS_CLASSES}"
    rename = "rename them to train and test (and val)"
    return f"{start}, so they look like parts of a split and not like classes: {rename}, {AS_CLASSES}"


def _listed(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(map(repr, names[:most])) + (f" and {len(names) - most} more" if len(names) > most else "")
