"""The checkout that the command works in: that of the current folder, else the one it was installed from."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import warmstart
from warmstart.config.params import load_params
from warmstart.config.paths import current_folder
from warmstart.errors import UserError
from warmstart.runtime.console import warn

NEEDED = ("dvc.yaml", "params.yaml", "conf", "pipelines/choose.py")
MOVED = "WARMSTART_CHECKOUT"  # in the environment of a command that was started anew in this checkout


@dataclass(frozen=True)
class Checkout:
    """The folders and settings of a checkout."""

    root: Path

    def dataset(self, name: str) -> Path:
        """Where the results of a dataset are."""
        return self.root / "artifacts" / name

    def model(self, name: str, recipe: str) -> Path:
        """The folder of a trained model."""
        return self.dataset(name) / "recipes" / recipe / "model"

    def report(self, name: str) -> Path:
        """The table of the report of a dataset."""
        return self.dataset(name) / "report" / "table.json"

    def page(self, name: str) -> Path:
        """The page of the report of a dataset."""
        return self.report(name).with_name("index.html")

    def option(self, name: str) -> Path:
        """The file of a data option."""
        return self.root / "conf" / "data" / f"{name}.yaml"

    def options(self) -> list[str]:
        """The data options that there are."""
        return sorted(path.stem for path in self.option("x").parent.glob("*.yaml"))

    def recipes(self) -> list[str]:
        """The recipes that there are."""
        return sorted(path.stem for path in (self.root / "conf" / "recipe").glob("*.yaml"))

    def params(self) -> dict[str, Any]:
        """What params.yaml says, unchecked."""
        return load_params(self.root / "params.yaml")

    def current_dataset(self) -> str:
        """The dataset that params.yaml runs."""
        return str(self.params().get("data"))

    def short(self, path: Path) -> str:
        """A path as a person in this folder would type it."""
        here = Path.cwd()
        return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def work_where_one_stands(words: Sequence[str]) -> None:
    """Start the command again with the code of the checkout of the current folder, where that is another one.

    One environment may serve several checkouts, such as git worktrees, and holds the package of one of them.
    """
    here, own = standing_in(), Path(warmstart.__file__).resolve().parents[2]
    if here is None or here == own or os.environ.get(MOVED) == str(here):
        return
    warn(f"working in {here}, the checkout of the current folder, with its code; this command was installed from {own}")
    path = os.pathsep.join([str(here / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    sys.stdout.flush()
    environment = {**os.environ, "PYTHONPATH": path, MOVED: str(here)}
    os.execve(sys.executable, [sys.executable, "-m", "warmstart", *words], environment)


def standing_in() -> Path | None:
    """The checkout of Warmstart that the current folder is or lies in; None where it is in none."""
    here = current_folder().resolve()
    needed = (*NEEDED, "src/warmstart/__init__.py")
    return next((folder for folder in (here, *here.parents) if all((folder / name).exists() for name in needed)), None)


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
