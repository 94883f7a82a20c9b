"""The versions of the libraries that code imports: another version may give another result."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import metadata
from importlib.metadata import PackageNotFoundError

# Modules that are called otherwise than what is installed; several packages may bring the same module.
PACKAGES = {
    "cv2": ("opencv-python-headless", "opencv-python"),
    "PIL": ("pillow",),
    "sklearn": ("scikit-learn",),
    "yaml": ("pyyaml",),
}
# Libraries whose results are made by others that nobody here imports.
BESIDES = {"albumentations": ("albucore", "cv2"), "imagehash": ("scipy",), "sklearn": ("scipy",)}
# Those that show or guard what is done, and change nothing of it.
SILENT = frozenset({"filelock", "rich"})
version = cache(metadata.version)  # which parses a file each time


def library_versions(modules: Iterable[str]) -> dict[str, str]:
    """Top-level modules → the version of the package that brings them, without the build that follows a ``+``; by name.

    What is not installed is left out: whoever imports it does without.
    """
    every = {name for module in modules for name in (module, *BESIDES.get(module, ()))} - SILENT
    found = {}
    for module in sorted(every):
        for package in PACKAGES.get(module, (module,)):
            try:
                found[package] = version(package).partition("+")[0]
                break
            except PackageNotFoundError:
                continue
    return found
