"""A training is known by all that can change a bit of its result, and by nothing else."""

from __future__ import annotations

import copy
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from data_builders import feature_cache_meta
from support import Configure, Folders, typed_config
from warmstart.dataset.image_store import ImageStore
from warmstart.records.training_state import TrainingInputs
from warmstart.runtime.devices import DevicePlan
from warmstart.training.messages import format_differences
from warmstart.training.training_inputs import differences, training_inputs

FEATURES = {"train/avg-00000.npy": "a", "train/flatten-00000.npy": "b", "val/avg-00000.npy": "c"}


@pytest.fixture(scope="module")
def composed(configure: Configure) -> dict[str, dict[str, Any]]:
    return {recipe: configure(recipe, "head.pool=avg") for recipe in ("features", "features_augmented", "fine_tune")}


@pytest.fixture
def known(composed: dict[str, dict[str, Any]], tiny: Folders, tmp_path: Path) -> Any:
    """What a training of features is made of, with changes of the configuration (``key=value``) and of what
    it reads.
    """

    def _known(*words: str, recipe: str = "features", **changes: Any) -> TrainingInputs:
        config = copy.deepcopy(composed[recipe])
        for key, _, value in (word.partition("=") for word in words):
            *groups, last = key.split(".")
            reduce(dict.__getitem__, groups, config)[last] = value
        store = ImageStore(tiny.images)
        store.pixels_digest = changes.get("images", store.pixels_digest)
        feature_cache_meta(files=FEATURES | changes.get("features", {})).write(tmp_path / "meta.json")
        start = tmp_path / "model.ckpt"
        start.write_text(changes.get("start", "weights"))
        (tmp_path / "weights.pth").write_text(changes.get("weights", "weights"))
        (tmp_path / "copy.pth").write_text("weights")
        return training_inputs(
            typed_config("train", config), store, changes.get("compute", DevicePlan("cpu", "32-true")), features_dir=tmp_path,
            init_from=start if recipe == "fine_tune" else None, made_with=changes.get("made_with", {"torch": "1"}),
        )  # fmt: skip

    return _known


@pytest.mark.parametrize(
    "key",
    [
        "trainer.workers", "tracking.live", "recipe.title", "data.workers", "data.folder", "out_dir", "init_from", "evaluate.bootstrap",
        "interpret.images", "schedule.lr_of.fine_tune", "schedule.epochs_of.probe", "recipes", "model_dir",
        "learning_curve.shares", "learning_curves",
    ],
)  # fmt: skip
def test_what_cannot_change_a_bit_is_no_part(known: Any, key: str) -> None:
    assert known(f"{key}=other") == known()


@pytest.mark.parametrize(
    "key",
    [
        "seed", "optimizer.lr", "schedule.epochs", "schedule.patience", "head.dropout", "balance.class_weights", "loss.mixup",
        "debug.overfit", "trainer.threads", "trainer.deterministic", "backbone.normalize", "recipe.unfreeze", "network.widths",
    ],
)  # fmt: skip
def test_every_other_key_is_a_part(known: Any, key: str) -> None:
    (found,) = differences(known(), known(f"{key}=77"))
    assert found.partition(" ")[0] == key and (len(found) == len(key) or "77" in found)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"images": "other"}, "the prepared images"),
        ({"features": {"val/avg-00000.npy": "other"}}, "the features"),
        ({"made_with": {"torch": "2"}}, "torch (1, now 2)"),
        ({"made_with": {"torch": "1", "src/a.py": "x"}}, "src/a.py"),
        ({"compute": DevicePlan("gpu", "32-true")}, "trainer.accelerator (cpu, now gpu)"),
        ({"compute": DevicePlan("cpu", "bf16-mixed")}, "trainer.precision (32-true, now bf16-mixed)"),
    ],
)
def test_what_is_read_is_a_part(known: Any, changes: dict[str, Any], name: str) -> None:
    assert differences(known(), known(**changes)) == [name]


def test_files_are_known_by_their_content(known: Any, tmp_path: Path) -> None:
    file = f"backbone.weights={tmp_path}/weights.pth"
    assert known(file) == known(f"backbone.weights={tmp_path}/copy.pth") != known()
    assert differences(known(file), known(file, weights="other")) == ["the backbone's weights"]
    tuned = known(recipe="fine_tune")
    assert differences(tuned, known(recipe="fine_tune", start="other")) == ["the checkpoint that it starts from"]


def test_features_of_another_pooling_are_no_part(known: Any) -> None:
    assert known(features={"train/flatten-00000.npy": "other"}) == known()
    assert known(recipe="features_augmented", features={"val/avg-00000.npy": "other"}) == known(
        recipe="features_augmented"
    )


def test_a_line_names_a_few() -> None:
    assert format_differences(["a", "b"]) == "a, b"
    assert format_differences(list("abcdef")) == "a, b, c, d and 2 more"
