"""A tiny dataset of critters, configurations, and one trained network a session."""

from __future__ import annotations

import logging
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Before a library counts the processors: the workers of pytest-xdist, with a thread each on every one of them, would
# spend most of their time on waiting for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
import torch

from folded import write_folded
from reliability.nursery import Nursery
from support import CHECKOUT, TINY, Configure, Folders, compose_config, training_parts, typed_config
from warmstart.config.stages import EvaluateConfig
from warmstart.config.typed import to_typed
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS

# Files that take long for their number of tests. They run first, or one worker of pytest-xdist would still be at one of
# them when the other has nothing left to do; its own order goes by the number of tests.
LONG = (
    "contract/test_repro.py",
    "cli/test_end_to_end.py",
    "contract/test_exit_statuses.py",
    "contract/test_resume_options.py",
    "runtime/test_preload.py",
    "runtime/test_preload_server.py",
    "contract/test_watching_repro.py",
    "contract/test_killed_runs.py",
    "contract/test_resume.py",
    "contract/test_sweep.py",
    "contract/test_watched_code.py",
    "cli/test_check.py",
    "cli/test_remembered.py",
    "serving/test_http.py",
    "lesson/test_notebook.py",
    "reliability/",
)


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent
    place = {item.path: item.path.relative_to(tests).as_posix() for item in items}
    count = Counter(item.path for item in items)
    items.sort(key=lambda item: (not place[item.path].startswith(LONG), -count[item.path]))


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
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Runs entry points of this project without the seconds that each would take to import the libraries, for tests
    that ask what an entry point does and not how it starts.
    """
    with Nursery(tmp_path_factory.mktemp("forked") / "nursery", CHECKOUT) as nursery:
        yield nursery


@pytest.fixture(scope="session")
def dvc_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``dvc init --no-scm`` makes, set so that DVC reports to nobody and looks for no release, as this project is."""
    from dvc.repo import Repo

    folder = tmp_path_factory.mktemp("dvc")
    Repo.init(str(folder), no_scm=True).close()
    with (folder / ".dvc/config").open("a") as settings:
        settings.write("    analytics = false\n    check_update = false\n")
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, configure: Configure) -> Folders:
    """The tiny dataset, prepared."""
    from ingest_options import prepare

    folders = Folders(tmp_path_factory.mktemp("tiny") / "critters")
    prepare(configure("scratch")["data"], folders.images)
    return folders


@pytest.fixture(scope="session")
def train_tiny(configure: Configure, tiny: Folders) -> Callable[..., Path]:
    """Train a recipe on the tiny dataset; returns its model folder."""
    from warmstart.training.train_recipe import train

    def _train(
        recipe: str, out: Path | None = None, *overrides: str, init_from: Path | None = None, **options: Any
    ) -> Path:
        out = out or tiny.model(recipe)
        config = configure(recipe, *overrides)
        folders: Folders = options.pop("folders", tiny)
        state_root = options.pop("state_root", folders.root / ".resume")
        train(
            typed_config("train", config),
            training_parts(config),
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
    from warmstart.evaluation.evaluate_recipe import evaluate

    out = tmp_path_factory.mktemp("evaluated") / "evaluate"
    evaluate(
        to_typed(EvaluateConfig, configure("scratch", "evaluate.bootstrap=50", "evaluate.unsure_error=0.5")),
        model_dir=scratch,
        images_dir=tiny.images,
        out_dir=out,
    )
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
def seeded_scratch(train_tiny: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model folder of a network for each of two seeds, each trained for two epochs."""
    return train_tiny("scratch", tmp_path_factory.mktemp("seeded") / "recipes/scratch/model", "seeds=2")


@pytest.fixture(scope="session")
def frozen(train_tiny: Callable[..., Path]) -> Path:
    """The model folder of a head on the embedded backbone."""
    return train_tiny("features_augmented", None, "schedule.epochs=1")


@pytest.fixture(scope="session")
def measured(
    tmp_path_factory: pytest.TempPathFactory, configure: Configure, tiny: Folders, train_tiny: Callable[..., Path]
) -> Folders:
    """What `evaluate` and `compare` really write of two recipes, on the tiny dataset with bright dogs and dark cats:
    ``scratch``, and the same network with a bias added to its logit as ``scratch_augmented``, so that it calls every
    image a dog at a threshold of 0.5.
    """
    from warmstart.comparison.compare import compare
    from warmstart.evaluation.evaluate_recipe import evaluate
    from warmstart.models.checkpoint import load_model, save_model

    folders = Folders(tmp_path_factory.mktemp("measured") / "critters")
    shutil.copytree(tiny.images, folders.images)
    store = ImageStore(tiny.images)
    for split in SPLITS:
        np.save(
            folders.images / f"{split}.npy",
            np.array(store.images(split)) // 2 + (store.labels(split) * 128)[:, None, None, None].astype(np.uint8),
        )
    train_tiny("scratch", folders.model("scratch"), "optimizer.lr=1e-3", folders=folders)
    shutil.copytree(folders.model("scratch"), folders.model("scratch_augmented"))
    model = load_model(folders.model("scratch") / "model.ckpt")
    with torch.inference_mode():
        logits = model(torch.from_numpy(np.array(ImageStore(folders.images).images("val"))))
        outputs = [value for name, value in model.network.named_parameters() if name.endswith("bias")][-1]
        outputs += logits.max().abs() + logits.min().abs() + 0.1
    save_model(model, folders.model("scratch_augmented") / "model.ckpt")
    for recipe in ("scratch", "scratch_augmented"):
        out = folders.model(recipe).parent / "evaluate"
        evaluate(
            to_typed(EvaluateConfig, configure(recipe, "evaluate.bootstrap=100")),
            model_dir=folders.model(recipe),
            images_dir=folders.images,
            out_dir=out,
        )
    compare(folders.root, ["scratch", "scratch_augmented"], folders.root / "report")
    return folders
