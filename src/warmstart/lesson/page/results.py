"""What the stages have written for a dataset, as the lesson's page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warmstart.comparison.finished import FinishedRecipe, find_finished
from warmstart.errors import UserError
from warmstart.records.images import PreparedImages, SplitCounts
from warmstart.records.layers import Layer, LayerTable

# The lesson's own first; the embedded ones are there on any machine.
DIGITS = ("mnist", "fashion_mnist", "digits")


@dataclass(frozen=True)
class DatasetResults:
    """A dataset's folder, name, size of the images in pixels and their counts, and its finished recipes by name."""

    root: Path
    name: str
    size: int
    counts: SplitCounts
    recipes: dict[str, FinishedRecipe]

    @property
    def lesson(self) -> Path:
        """The folder of the demonstrations."""
        return self.root / "lesson"

    def layers(self, recipe: str) -> list[Layer]:
        """The layers of a recipe's network; empty where it has not finished."""
        path = self.root / "recipes" / recipe / "model" / "layers.json"
        return LayerTable.read(path).layers if path.exists() else []

    def interpretation(self, recipe: str) -> Path:
        """The folder of a recipe's interpretation: the lesson's own, if there is one and the pipeline's is not full."""
        own, piped = self.lesson / "pages" / recipe, self.root / "recipes" / recipe / "interpret"
        return own if (own / "summary.json").exists() and not (piped / "activations").is_dir() else piped


def read_results(root: Path) -> DatasetResults:
    """Read the folder ``artifacts/<dataset>``. Raises UserError when nothing is prepared there."""
    path = root / "images" / "meta.json"
    if not path.exists():
        raise UserError(
            f"{root} holds no prepared images: run `dvc repro` first, with data: {root.name} in params.yaml"
        )
    meta = PreparedImages.read(path)
    folder = root / "recipes"
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    finished, _ = find_finished(root, names, meta.digest)
    return DatasetResults(root, meta.dataset, meta.size, meta.counts, {recipe.name: recipe for recipe in finished})


def read_digits(artifacts: Path) -> DatasetResults | None:
    """The results of the first of the digits' datasets whose convnet has finished; None where there is none."""
    for name in DIGITS:
        if (artifacts / name / "images" / "meta.json").exists():
            results = read_results(artifacts / name)
            if "convnet" in results.recipes:
                return results
    return None
