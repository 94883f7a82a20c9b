"""Importing Lightning without what Warmstart does not use of it.

torchmetrics, which Lightning imports, pulls in torchvision, scipy and matplotlib wherever they are installed: two thirds of a
training stage's start-up. They are optional there, so they are declared absent while Lightning is imported, and only then.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from types import ModuleType
from typing import Any

UNUSED = frozenset(
    {"torchvision", "scipy", "matplotlib", "torchaudio", "transformers", "pesq", "pystoi", "torch-fidelity"}
)


def lightning() -> Any:
    """Return the module ``pytorch_lightning``, imported at about a third of the usual cost."""
    if "pytorch_lightning" in sys.modules or not {"torchvision", "scipy", "matplotlib"}.isdisjoint(sys.modules):
        return import_module("pytorch_lightning")
    try:
        checks: ModuleType = import_module("lightning_utilities.core.imports")
        version_of = checks._version
    except (ImportError, AttributeError):  # another release of it: import as usual
        return import_module("pytorch_lightning")

    def version_unless_unused(name: str) -> str:
        if name in UNUSED:
            raise PackageNotFoundError(name)
        return str(version_of(name))

    finder = _Absent()
    checks._version = version_unless_unused  # type: ignore[attr-defined]
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    try:
        return import_module("pytorch_lightning")
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type]
        checks._version = version_of  # type: ignore[attr-defined]


class _Absent:
    """A finder that finds none of the unused packages."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.partition(".")[0] in UNUSED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
