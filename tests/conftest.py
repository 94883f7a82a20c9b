"""A tiny dataset of critters, configurations, and one trained network a session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from folded import write_folded
from support import TINY, Configure, Folders, compose_config


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    """A command run inside a test turns the log on; the next test starts without."""
    yield
    logging.getLogger("warmstart").setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def configure() -> Configure:
    """Compose a configuration for the tiny dataset."""

    def _configure(recipe: str, *overrides: str) -> dict[str, Any]:
        short = ["schedule.epochs=2", "schedule.batch_size=16", "trainer.precision=32-true", "trainer.accelerator=cpu"]
        return compose_config(*TINY, f"recipe={recipe}", *short, *overrides)

    return _configure


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, configure: Configure) -> Folders:
    """The tiny dataset, prepared."""
    from warmstart.data.prepare import prepare

    folders = Folders(tmp_path_factory.mktemp("tiny") / "critters")
    prepare(configure("scratch")["data"], folders.images)
    return folders


@pytest.fixture(scope="session")
def train_tiny(configure: Configure, tiny: Folders) -> Callable[..., Path]:
    """Train a recipe on the tiny dataset; returns its model folder."""
    from warmstart.training.stage import train

    def _train(recipe: str, out: Path | None = None, *overrides: str, init_from: Path | None = None, **options: Any) -> Path:
        out = out or tiny.model(recipe)
        config = configure(recipe, *overrides)
        folders: Folders = options.pop("folders", tiny)
        state_root = options.pop("state_root", folders.root / ".resume")
        train(
            config,
            images_dir=folders.images,
            features_dir=folders.features,
            out_dir=out,
            state_root=state_root,
            init_from=init_from,
            **options,
        )
        return out

    return _train


@pytest.fixture(scope="session")
def scratch(train_tiny: Callable[..., Path]) -> Path:
    """The model folder of the one network that most tests look at."""
    return train_tiny("scratch")


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory, scratch: Path, tiny: Folders, configure: Configure) -> Path:
    """The package of that network, as its evaluation writes it."""
    from warmstart.evaluation.stage import evaluate

    out = tmp_path_factory.mktemp("evaluated") / "evaluate"
    evaluate(configure("scratch", "evaluate.bootstrap=50"), model_dir=scratch, images_dir=tiny.images, out_dir=out)
    return out / "package"


@pytest.fixture(scope="session")
def folded(tmp_path_factory: pytest.TempPathFactory, tiny: Folders) -> Folders:
    """The tiny dataset in three folds of 16, 16 and 48 images; fold 0 is the dataset as it was."""
    folders = Folders(tmp_path_factory.mktemp("folded") / "critters")
    write_folded(tiny.images, folders.images, 3)
    return folders


@pytest.fixture(scope="session")
def folded_scratch(train_tiny: Callable[..., Path], folded: Folders) -> Path:
    """The model folder of a network per fold, each trained for two epochs."""
    return train_tiny("scratch", folded.model("scratch"), folders=folded)


@pytest.fixture(scope="session")
def frozen(train_tiny: Callable[..., Path]) -> Path:
    """The model folder of a head on the embedded backbone."""
    return train_tiny("features_augmented", None, "schedule.epochs=1")
