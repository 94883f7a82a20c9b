"""What prediction reports to a person. Templates take text that can be shown (``text.printable.in_one_line``)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from warmstart.text.printable import in_one_line

MAX_NAMES_LISTED = 8

PHOTOS_MISSING = "{photos} does not exist: name photos, or folders of photos"
NONE_READABLE = "no photo could be read: {photos}"
NO_PHOTOS = "there are no photos in {photos}"
PASSED_OVER = "{n} passed over ({names})"
OTHER_FILES = ("file that is no photo was", "files that are no photos were")
HIDDEN = ("hidden or system file or folder was", "hidden or system files and folders were")
WRITTEN = "{photos} in {output}"
FAILED = "; {failed:,} could not be read"
THRESHOLD = (
    "the class is {one} where its probability is above {threshold:.3f}, else {other}: "
    "of all thresholds, this one classified most validation photos correctly"
)
OUTPUT_IS_FOLDER = "{option} {file} is a folder: name a file"
OUTPUT_FOLDER_MISSING = "{option} {file}: the folder {folder} does not exist"
OUTPUT_REFUSED = "{option} {file} cannot be written: {reason}"
SAME_FILE = "--output and --page both name {file}: name two files"
PAGE_WRITTEN = "the photos with their classes are in {page}"
UNREADABLE = "cannot be read ({reason})"
TOO_LARGE_FOR_MEMORY = "it does not fit into memory"

# Requests. {pixels} is PIXELS.
NO_IMAGE = "no image was given"
NOT_ONE_COLUMN = "a table of {columns} columns was given: give one column of images"
NO_LIST = "{kind} was given: give a list of images"
NO_IMAGE_KIND = "{kind}, which is no image: give an image file's bytes or its pixels"
NOT_BASE64 = "text that is not the base64 of an image file (in Python, a file is named by a pathlib.Path)"
PIXELS = "pixels are whole numbers from 0 to 255 (uint8), of the shape (height, width, {channels})"
RAGGED = "a list that is no image: {pixels}, every row as long as the others"
WRONG_DTYPE = "an array of {what}: {pixels}"
DTYPE_KINDS = {"U": "text", "O": "mixed things", "f": "fractions ({dtype})", "b": "booleans"}  # by numpy's dtype.kind
WRONG_SHAPE = "pixels of the shape {shape}: {pixels}"


def listed(names: Sequence[str | Path]) -> str:
    """The first names, and how many there are besides."""
    more = len(names) - MAX_NAMES_LISTED
    return ", ".join(map(in_one_line, names[:MAX_NAMES_LISTED])) + (f" and {more:,} more" if more > 0 else "")
