"""A recipe with a size of its own is trained, measured, explained and served at that size; the others stay as they are."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ingest_options import prepare
from photos import save_photo
from support import Folders, compose_config, extract, training_parts, typed_config
from warmstart.dataset.image_store import ImageStore, resized_folder
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.evaluation.prediction_table import read_predictions
from warmstart.features.feature_cache import cache_folder
from warmstart.files.plain import read_json
from warmstart.interpretation.interpret import interpret
from warmstart.records.feature_cache import FeatureCacheMeta
from warmstart.serving.packaged import PackagedModel
from warmstart.training.train_recipe import train

SIZE, OWN, COUNT = 40, 56, 15  # pixels, and photos a class
SHORT = ["trainer.precision=32-true", "trainer.accelerator=cpu", "schedule.epochs=1", "schedule.batch_size=8"]
SMALL = ["network.widths=[4,4]", "network.dense=8"]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of two classes, among them JPEGs that decode at a part of their size."""
    root = tmp_path_factory.mktemp("photos")
    for label, name in enumerate(("cat", "dog")):
        for number in range(COUNT):
            save_photo(root / name / f"{number}.jpg", 1000 * label + number)
        for side in (150, 320, 700, 1600):
            pixels = np.random.default_rng(side + label).integers(0, 255, (side // 8, side // 6, 3), dtype=np.uint8)
            large = Image.fromarray(pixels).resize((side, side * 3 // 4), Image.Resampling.BICUBIC)
            large.save(root / name / f"large{side}.jpg")
    return root


@pytest.fixture(scope="module")
def folders(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Folders:
    found = Folders(tmp_path_factory.mktemp("sizes") / "photos")
    prepare(config(photos, "scratch")["data"], found.images, [OWN])
    return found


def config(photos: Path, recipe: str, *overrides: str) -> dict[str, Any]:
    data = ["data=image_folder", f"data.folder={photos}", f"data.size={SIZE}", "data.workers=1", "data.name=photos"]
    return compose_config(*data, "tracking=none", *SHORT, f"recipe={recipe}", *overrides)


def trained(folders: Folders, plain: dict[str, Any]) -> Path:
    out = folders.model(plain["recipe"]["name"])
    train(
        typed_config("train", plain),
        training_parts(plain),
        images_dir=folders.images,
        features_dir=folders.features,
        out_dir=out,
        state_root=folders.root / ".resume",
    )
    return out


def test_photos_are_kept_at_every_size_as_the_packaged_model_decodes_them(folders: Folders, photos: Path) -> None:
    for size in (SIZE, OWN):
        store = ImageStore(folders.images, size=size)
        for split in ("train", "val", "test"):
            for row, image in zip(store.manifest(split), store.images(split), strict=True):
                assert np.array_equal(image, Preprocessing(size).read(photos / row.path)), row.path


def test_smaller_sizes_are_decoded_as_such(photos: Path, tmp_path: Path) -> None:
    prepare(config(photos, "scratch")["data"] | {"size": OWN}, tmp_path / "images", [SIZE, OWN])
    store = ImageStore(tmp_path / "images", size=SIZE)
    for row, image in zip(store.manifest("train"), store.images("train"), strict=True):
        assert np.array_equal(image, Preprocessing(SIZE).read(photos / row.path)), row.path


def test_a_further_size_changes_nothing_of_the_dataset(folders: Folders, photos: Path, tmp_path: Path) -> None:
    prepare(config(photos, "scratch")["data"], tmp_path / "images")
    for file in sorted(path for path in (tmp_path / "images").iterdir()):
        assert file.read_bytes() == (folders.images / file.name).read_bytes(), file
    assert sorted(path.name for path in (tmp_path / "resized").iterdir()) == ["none"]
    one, other = (ImageStore(folders.images, size=size) for size in (SIZE, OWN))
    assert one.digest == one.pixels_digest == other.digest != other.pixels_digest


def test_a_size_that_is_not_there_is_named_with_the_command(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no images of 64 px: .*recipe\.size=64"):
        ImageStore(folders.images, size=64)
    shutil.copytree(folders.root, tmp_path / "photos")
    meta = resized_folder(tmp_path / "photos/images", OWN) / "meta.json"
    meta.write_text(meta.read_text().replace(ImageStore(folders.images).digest, "0" * 64))
    with pytest.raises(UserError, match=r"no images of 56 px"):
        ImageStore(tmp_path / "photos/images", size=OWN)


def test_the_packaged_model_predicts_a_photo_file_as_evaluate_did(folders: Folders, photos: Path) -> None:
    plain = config(photos, "scratch", f"recipe.size={OWN}", *SMALL)
    model = trained(folders, plain)
    out = model.with_name("evaluate")
    evaluate(typed_config("evaluate", plain), model_dir=model, images_dir=folders.images, out_dir=out)
    packaged = PackagedModel.load(out / "package")
    assert packaged.model.preprocessing.size == OWN
    table = read_predictions(out / "predictions.csv", split="test")
    found = packaged.predict([photos / path for path in table.paths])
    assert [one["class"] for one in found] == [packaged.model.classes[label] for label in table.predicted]
    store = ImageStore(folders.images, size=OWN)
    arrays = packaged.predict(list(store.images("test")))
    assert [one["probabilities"] for one in found] == [one["probabilities"] for one in arrays]

    interpret(model, folders.images, out, model.with_name("interpret"), typed_config("interpret", plain).interpret)
    assert (model.with_name("interpret") / "summary.json").exists()


def test_features_are_kept_by_size_and_the_probe_chooses_its_penalty(folders: Folders, photos: Path) -> None:
    plain = config(photos, "linear_probe", f"recipe.size={OWN}")
    extract({**plain, "sizes": [SIZE, OWN]}, folders.images, folders.features)
    for size in (SIZE, OWN):
        store = ImageStore(folders.images, size=size)
        meta = FeatureCacheMeta.read(cache_folder(folders.features, store) / "meta.json")
        assert (meta.preprocessing.size, meta.images) == (size, store.pixels_digest)
    summary = read_json(trained(folders, plain) / "summary.json")
    assert summary["ridge"] in plain["loss"]["ridge_grid"]
    with pytest.raises(UserError, match=r"no cached features|no images of 64 px"):
        trained(folders, config(photos, "linear_probe", "recipe.size=64"))


def test_critters_are_the_same_pictures_at_every_size(tmp_path: Path) -> None:
    data = compose_config("data=critters", "data.size=64", "data.train=4", "data.val=4", "data.test=4")["data"]
    prepare(data, tmp_path / "images", [128])
    small, large = (ImageStore(tmp_path / "images", size=size) for size in (64, 128))
    for split in ("train", "val", "test"):
        halved = np.asarray(large.images(split)).reshape(4, 64, 2, 64, 2, 3).mean((2, 4))
        assert np.abs(halved - np.asarray(small.images(split))).mean() < 6
    masks = large.masks("test")
    assert masks is not None
    assert masks.shape == (4, 128, 128)
