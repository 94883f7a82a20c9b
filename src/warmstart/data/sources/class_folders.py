"""Photos sorted into folders: one folder per class, or train, val and test folders of such. The same in a folder and in an archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from warmstart.data.sources.listing import SPLIT_WORDS, Entry, Listing, classes_of
from warmstart.data.sources.suffixes import IMAGE_SUFFIXES, is_hidden, suffix_of, what_else
from warmstart.errors import UserError

HOW = "one sub-folder per class, with its photos in it"


def list_entries(
    paths: Iterable[str],
    where: str,
    read: Callable[[str], bytes],
    folders: Iterable[str] = (),
    skipped: Sequence[dict[str, str]] = (),
) -> Listing:
    """Sort paths of the form ``class/…/file`` or ``split/class/…/file`` into classes.

    paths: of files, relative, POSIX style. where: the folder or archive, for messages. folders: what folders there are, also empty
    ones. skipped: what is known to be no candidate. Hidden files are ignored; files that have no image suffix are skipped and
    reported. Raises UserError, saying what to do, where the folders are no classes, where one of them holds no image, and where
    there are fewer than 2 or more than 1,000.
    """
    visible = sorted(path for path in set(paths) if not any(map(is_hidden, path.split("/"))))
    visible_folders = [folder for folder in folders if folder and not any(map(is_hidden, folder.split("/")))]
    depth = _depth(visible, visible_folders, where)
    entries, reported = [], list(skipped)
    # Folders in the place of a class, and why they may hold no photo.
    holds = {"/".join(folder.split("/")[: depth + 1]): "" for folder in visible_folders if folder.count("/") >= depth}
    holds |= {item["path"]: f" (it is {item['reason']})" for item in skipped if item["path"] in holds}
    filled = set()
    for path in visible:
        parts = path.split("/", depth + 1)
        if len(parts) < depth + 2:
            reported.append({"path": path, "reason": "not inside a class folder"})
            continue
        folder = path[: -len(parts[-1]) - 1]
        if suffix_of(path) not in IMAGE_SUFFIXES:
            what = what_else(path) or "not an image file"
            holds[folder] = f" (what it holds is {what})"
            reported.append({"path": path, "reason": what})
            continue
        filled.add(folder)
        entries.append(Entry(path, parts[depth], SPLIT_WORDS[parts[0].lower()] if depth else None))
    if not entries and not holds:
        raise UserError(f"{where} has no class folders{' in train and test' * depth}: it needs {HOW}")
    for folder in sorted(set(holds) - filled):
        raise UserError(
            f"{where}: class folder {folder!r} holds no image{holds[folder]}: put the photos of that class into it, or remove it"
        )
    try:
        classes = classes_of((entry.class_name for entry in entries), where)
    except UserError as error:
        raise UserError(f"{error}: it needs {HOW}") from None
    return Listing(entries, classes, read, reported)


def _depth(paths: Sequence[str], folders: Sequence[str], where: str) -> int:
    """How many folders are above the class folders: 1 where they are the parts of a ready-made split, else 0.

    Raises UserError where the folders at the top are no classes.
    """
    inside: dict[str, set[bool]] = defaultdict(set)  # top folder → whether its photos lie in folders of their own
    loose = 0
    for path in paths:
        if suffix_of(path) in IMAGE_SUFFIXES:
            top, slash, rest = path.partition("/")
            if slash:
                inside[top].add("/" in rest)
            else:
                loose += 1
    if loose and not inside:
        raise UserError(
            f"{where} holds {loose:,} photo{'s' * (loose != 1)} but no class folders: make {HOW}, or list photos and labels in a table (data=csv)"
        )
    tops = inside.keys() | {path.split("/", 1)[0] for path in folders} | {path.split("/", 1)[0] for path in paths if "/" in path}
    parts = {SPLIT_WORDS[top.lower()] for top in tops if top.lower() in SPLIT_WORDS}
    others = sorted(top for top in tops if top.lower() not in SPLIT_WORDS)
    if {"train", "test"} <= parts and others:
        raise UserError(
            f"{where} has train and test folders, and beside them {', '.join(map(repr, others[:5]))}: keep either train, val and test "
            f"folders of class folders, or {HOW}"
        )
    if len(parts) > 1 and not others and not {"train", "test"} <= parts:
        (missing,) = {"train", "test"} - parts
        raise UserError(
            f"{where} has {' and '.join(sorted(parts))} folders but no {missing} folder: rename the val folder to {missing} (a val part is "
            f"then taken from train), or make {HOW}, without a split"
        )
    if len(tops) == 1 and list(inside.values()) == [{True}]:
        (only,) = tops
        raise UserError(f"{where} has one folder, {only!r}, with folders in it: if those are the classes, give {only!r} itself")
    return 1 if {"train", "test"} <= parts else 0
