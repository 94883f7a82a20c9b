"""What the stages have written for a dataset, as the lesson's page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warmstart.comparison.finished import Finished, find_finished
from warmstart.errors import UserError
from warmstart.files.plain import read_json

# The lesson's own first; the embedded ones are there on any machine.
DIGITS = ("mnist", "fashion_mnist", "digits")


@dataclass(frozen=True)
class Dataset:
    """Of meta.json. size: of the square images, in pixels. counts: images by split."""

    name: str
    size: int
    counts: dict[str, int]
    digest: str


@dataclass(frozen=True)
class LayerRow:
    """A layer of a network. type: its class. output_shape: of one image. parameters: how many."""

    type: str
    output_shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True)
class DatasetResults:
    """A dataset's folder, its prepared images, and its finished recipes by name."""

    root: Path
    dataset: Dataset
    recipes: dict[str, Finished]

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.dataset.name

    @property
    def lesson(self) -> Path:
        """The folder of the demonstrations."""
        return self.root / "lesson"

    def layers(self, recipe: str) -> list[LayerRow]:
        """The layers of a recipe's network; empty where it has not finished."""
        path = self.root / "recipes" / recipe / "model" / "layers.json"
        rows = read_json(path, kind=list) if path.exists() else []
        return [LayerRow(row["type"], tuple(row["output_shape"]), row["parameters"]) for row in rows]

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
    meta = read_json(path, "dataset", "size", "counts", "digest")
    dataset = Dataset(meta["dataset"], meta["size"], meta["counts"], meta["digest"])
    folder = root / "recipes"
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    finished, _ = find_finished(root, names, dataset.digest)
    return DatasetResults(root, dataset, {recipe.name: recipe for recipe in finished})


def read_digits(artifacts: Path) -> DatasetResults | None:
    """The results of the first of the digits' datasets whose convnet has finished; None where there is none."""
    for name in DIGITS:
        if (artifacts / name / "images" / "meta.json").exists():
            results = read_results(artifacts / name)
            if "convnet" in results.recipes:
                return results
    return None
