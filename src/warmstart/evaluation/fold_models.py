"""The trained networks of a recipe: one, one for each fold, or one for each of several seeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.models.checkpoint import load_model
from warmstart.models.image_model import ImageModel
from warmstart.records.training_state import FoldCount
from warmstart.training.repeats import Repeat


def check_folds(model_dir: Path, store: ImageStore) -> None:
    """Raises UserError unless the recipe was trained on as many folds as the images have, and all checkpoints exist."""
    folds = FoldCount.of_model(model_dir)
    for fold in range(1, folds):
        if not (checkpoint := Repeat(fold, folds).checkpoint(model_dir / "model.ckpt")).is_file():
            raise UserError(
                f"{checkpoint} does not exist, but {model_dir / FoldCount.FILE} says that there are {folds} folds: "
                "train the recipe again"
            )
    if folds != store.folds:
        trained, prepared = (f"in {number} folds" if number > 1 else "without folds" for number in (folds, store.folds))
        raise UserError(f"{model_dir} was trained {trained}, but {store.folder} is {prepared}: train the recipe again")


def load_fold_model(model_dir: Path, images_dir: Path, fold: int = 0) -> tuple[ImageModel, ImageStore]:
    """The network of a fold, and the fold's images at the size that it was trained at. Raises UserError where it was
    trained on other images, or on another fold, so that it has seen this fold's test images.
    """
    return _load(Repeat(fold).checkpoint(model_dir / "model.ckpt"), model_dir, images_dir, fold)


def load_seed_models(model_dir: Path, images_dir: Path) -> Iterator[tuple[int, ImageModel, ImageStore]]:
    """The seeds of a recipe, each with its network, in order, and the images as that network takes them; none where
    there is one seed. Raises UserError where a network is missing or of another training, or was trained on other
    images.
    """
    networks = FoldCount.read_or_one(model_dir).seeds or []
    for number, network in enumerate(networks):
        path = Repeat(number, len(networks), "seeds").checkpoint(model_dir / "model.ckpt")
        if not path.is_file() or sha256_file(path) != network.checkpoint:
            raise UserError(
                f"{path} is not the network that {model_dir / FoldCount.FILE} names for seed {network.seed}: train the "
                "recipe again"
            )
        yield network.seed, *_load(path, model_dir, images_dir, 0)


def _load(path: Path, model_dir: Path, images_dir: Path, fold: int) -> tuple[ImageModel, ImageStore]:
    model = load_model(path)
    store = ImageStore(images_dir, fold, size=model.preprocessing.size)
    if model.origin.dataset_digest != store.digest:
        raise UserError(
            f"{model_dir} was trained on other images than {store.folder} holds: train it again, or prepare the images "
            "it was trained on"
        )
    if (model.origin.fold or 0) != store.fold:
        raise UserError(
            f"{path} was trained on fold {model.origin.fold} and has seen images that fold {store.fold} tests on: set "
            "model_dir to the folder that `train` wrote, which holds all folds"
        )
    return model, store
