"""The trained networks of a recipe: one, or one for each fold."""

from __future__ import annotations

from pathlib import Path

from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.models.checkpoint import load_model
from warmstart.models.image_model import ImageModel
from warmstart.records.training_state import FoldCount


def fold_checkpoint(model_dir: Path, fold: int) -> Path:
    """The checkpoint of a fold's network, counted from 0."""
    return model_dir / "folds" / str(fold) / "model.ckpt" if fold else model_dir / "model.ckpt"


def check_folds(model_dir: Path, store: ImageStore) -> None:
    """Raises UserError unless the recipe was trained on as many folds as the images have, and all checkpoints exist."""
    folds = FoldCount.of_model(model_dir)
    for fold in range(1, folds):
        if not (checkpoint := fold_checkpoint(model_dir, fold)).is_file():
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
    path = fold_checkpoint(model_dir, fold)
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
