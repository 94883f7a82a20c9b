"""Which files are taken for photos, by their suffix, and what the others are in the words of a person who has them."""

from __future__ import annotations

# Also what this machine may be unable to decode, such as HEIC: the decoder then says so of each, and no photo is passed
# over in silence.
IMAGE_SUFFIXES = frozenset(
    {
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".mpo",
        ".png",
        ".apng",
        ".bmp",
        ".dib",
        ".gif",
        ".webp",
        ".tif",
        ".tiff",
        ".jp2",
        ".j2k",
    }
    | {".heic", ".heif", ".hif", ".avif", ".avifs", ".jxl", ".pbm", ".pgm", ".ppm", ".pnm"}
)
NOT_PHOTOS = {
    "a video": (".mov", ".mp4", ".m4v", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".3gp", ".mts", ".m2ts"),
    "a camera's raw file: export it as JPEG": (
        *(
            ".cr2",
            ".cr3",
            ".crw",
            ".nef",
            ".nrw",
            ".arw",
            ".sr2",
            ".dng",
            ".orf",
            ".rw2",
            ".raf",
            ".pef",
            ".srw",
            ".raw",
            ".3fr",
            ".x3f",
        ),
    ),
    "a note that a camera or program keeps beside photos": (
        ".aae",
        ".xmp",
        ".thm",
        ".lrv",
        ".ini",
        ".db",
        ".dat",
        ".json",
        ".xml",
    ),
    "an icon, not a photo": (".ico", ".icns"),
    "a drawing or document, not a photo": (
        ".svg",
        ".psd",
        ".xcf",
        ".ai",
        ".eps",
        ".pdf",
        ".doc",
        ".docx",
        ".txt",
        ".csv",
        ".html",
        ".md",
    ),
    "an archive: unpack it": (".zip", ".tar", ".gz", ".tgz", ".rar", ".7z"),
}
_WHAT = {suffix: what for what, suffixes in NOT_PHOTOS.items() for suffix in suffixes}
# What systems leave in folders of photos, some of it thumbnails that would be taken for photos.
_SYSTEM = (
    "__macosx",
    "@eadir",
    "@recycle",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "system volume information",
    "lost+found",
)


def suffix_of(path: str) -> str:
    """The lower-case suffix of a path, with its dot; empty where there is none."""
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""


def what_else(path: str) -> str | None:
    """What a file is that is no photo, where its suffix says so; None for a photo, and where nobody knows."""
    return _WHAT.get(suffix_of(path))


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is the system's rather than the person's."""
    return name.startswith(".") or name.lower() in _SYSTEM
