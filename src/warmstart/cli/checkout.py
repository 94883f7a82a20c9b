"""The checkout that the command works in: the one that it was installed from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import warmstart
from warmstart.errors import UserError

NEEDED = ("dvc.yaml", "params.yaml", "conf", "pipelines/choose.py")


@dataclass(frozen=True)
class Checkout:
    """The folders and settings of a checkout."""

    root: Path

    def dataset(self, name: str) -> Path:
        """Where the results of a dataset are."""
        return self.root / "artifacts" / name

    def report(self, name: str) -> Path:
        """The table of the report of a dataset."""
        return self.dataset(name) / "report" / "table.json"

    def option(self, name: str) -> Path:
        """The file of a data option."""
        return self.root / "conf" / "data" / f"{name}.yaml"

    def options(self) -> list[str]:
        """The data options that there are."""
        return sorted(path.stem for path in self.option("x").parent.glob("*.yaml"))

    def panel(self) -> dict[str, Any]:
        """What params.yaml says."""
        return read_yaml(self.root / "params.yaml")

    def short(self, path: Path) -> str:
        """A path as a person in this folder would type it."""
        here = Path.cwd()
        return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def find_checkout() -> Checkout:
    """The checkout that holds this package. Raises UserError where it was installed without one."""
    root = Path(warmstart.__file__).resolve().parents[2]
    if not all((root / name).exists() for name in NEEDED):
        raise UserError(
            f"this warmstart, in {root}, was installed without its pipelines: "
            "clone the repository and, inside the clone, run `pip install --no-deps --no-build-isolation -e .`"
        )
    return Checkout(root)


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping. Raises UserError, naming the file, where it does not."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path} is not a mapping of keys to values")
    return content
