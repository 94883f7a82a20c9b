"""Photos sorted into folders: one folder per class, or train, val and test folders of such. The same in a folder and in
an archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from warmstart.errors import UserError
from warmstart.ingest.sources.layout import HOW, find_layout
from warmstart.ingest.sources.listing import Entry, Listing, classes_of
from warmstart.ingest.sources.suffixes import IMAGE_SUFFIXES, is_hidden, suffix_of, what_else
from warmstart.records.images import SkippedFile


def list_entries(
    paths: Iterable[str],
    where: str,
    read: Callable[[str], bytes],
    folders: Iterable[str] = (),
    skipped: Sequence[SkippedFile] = (),
    layout: str = "auto",
    notes: Sequence[str] = (),
) -> Listing:
    """Sort paths of the form ``class/…/file`` or ``split/class/…/file`` into classes.

    paths: of files, relative, POSIX style. where: the folder or archive, for messages. folders: what folders there are,
    also empty ones. skipped: what is known to be no candidate. layout: the key data.layout. notes: what is to be said
    of the source besides. Hidden files are ignored; files that have no image suffix are skipped and reported. Raises
    UserError, saying what to do, where the folders are no classes, where one of them holds no image, and where there
    are fewer than 2 or more than 1,000.
    """
    visible = sorted(path for path in set(paths) if not any(map(is_hidden, path.split("/"))))
    visible_folders = [folder for folder in folders if folder and not any(map(is_hidden, folder.split("/")))]
    found = find_layout(visible, visible_folders, where, layout)
    entries, reported = [], list(skipped)
    # Folders in the place of a class, and why they may hold no photo.
    holds: dict[str, str] = {}
    for folder in visible_folders:
        base = found.base_of(folder)
        if base is not None and folder != base.rstrip("/"):
            holds[base + folder[len(base) :].split("/", 1)[0]] = ""
    holds |= {item.path: f" (it is {item.reason})" for item in skipped if item.path in holds}
    filled = set()
    for path in visible:
        base = found.base_of(path)
        name, slash, _ = path[len(base or "") :].partition("/")
        if base is None or not slash:
            reported.append(SkippedFile(path, "not inside a class folder"))
            continue
        folder = base + name
        if suffix_of(path) not in IMAGE_SUFFIXES:
            what = what_else(path) or "not an image file"
            holds.setdefault(folder, "")
            if not holds[folder]:
                holds[folder] = f" (what it holds is {what})"
            reported.append(SkippedFile(path, what))
            continue
        filled.add(folder)
        entries.append(Entry(path, name, found.bases[base]))
    if not entries and not holds:
        below = " in train and test" if any(found.bases.values()) else ""
        raise UserError(f"{where} has no class folders{below}: it needs {HOW}")
    for folder in sorted(set(holds) - filled):
        raise UserError(
            f"{where}: class folder {folder!r} holds no image{holds[folder]}: put the photos of that class into it, "
            f"or remove it"
        )
    try:
        classes = classes_of((entry.class_name for entry in entries), where)
    except UserError as error:
        raise UserError(f"{error}: it needs {HOW}") from None
    return Listing(entries, classes, read, reported, notes=[*notes, *found.notes])
