"""What has been made so far, read from the files of the photos' dataset and of the digits'."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from warmstart.comparison.finished import Finished, find_finished
from warmstart.errors import UserError
from warmstart.files.plain import read_json
from warmstart.records.layers import LayerTable

# The lesson's own first; the embedded ones are there on any machine.
DIGITS = ("mnist", "fashion_mnist", "digits")


@dataclass(frozen=True)
class Facts:
    """A dataset's folder, its meta.json, and its finished recipes by name."""

    root: Path
    meta: dict[str, Any]
    recipes: dict[str, Finished]

    @property
    def name(self) -> str:
        """The dataset's name."""
        return str(self.meta["dataset"])

    @property
    def lesson(self) -> Path:
        """Where the demonstrations lie."""
        return self.root / "lesson"

    def layers(self, recipe: str) -> list[dict[str, Any]]:
        """The layer table of a recipe's network; empty where it has not finished."""
        path = self.root / "recipes" / recipe / "model" / "layers.json"
        return [asdict(layer) for layer in LayerTable.read(path).layers] if path.exists() else []

    def pages(self, recipe: str) -> Path:
        """The folder of a recipe's interpretation: the pipeline's, unless that lacks the full pages and some were made for the lesson."""
        own, piped = self.lesson / "pages" / recipe, self.root / "recipes" / recipe / "interpret"
        return own if (own / "summary.json").exists() and not (piped / "activations").is_dir() else piped


def read_facts(root: Path) -> Facts:
    """Read the folder ``artifacts/<dataset>``. Raises UserError when nothing is prepared there."""
    path = root / "images" / "meta.json"
    if not path.exists():
        raise UserError(
            f"{root} holds no prepared images: run `dvc repro` first, with data: {root.name} in params.yaml"
        )
    meta = read_json(path, "digest")
    folder = root / "recipes"
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    finished, _ = find_finished(root, names, meta["digest"])
    return Facts(root, meta, {recipe.name: recipe for recipe in finished})


def read_digits(artifacts: Path) -> Facts | None:
    """The first of the digits' datasets whose convnet has finished; None where there is none."""
    for name in DIGITS:
        if (artifacts / name / "images" / "meta.json").exists():
            facts = read_facts(artifacts / name)
            if "convnet" in facts.recipes:
                return facts
    return None
