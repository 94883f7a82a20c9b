from __future__ import annotations

import json
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from finished_recipes import write_images
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.interpretation.attribution.imagenet_classifier import load_classifier
from warmstart.interpretation.attribution.imagenet_page import Photo, dataset_photos, read_photo, write_imagenet

PORTRAIT = Path(matplotlib.__file__).parent / "mpl-data/sample_data/grace_hopper.jpg"


def test_the_bare_backbone_sees_a_military_uniform_and_where(tmp_path: Path) -> None:
    found = write_imagenet("efficientnet_lite0", [read_photo(PORTRAIT)], tmp_path)
    assert found is not None and found["weights"] == "embedded" and found["not_shown"] is None
    top = found["photos"][0]["top"]
    assert (top[0]["index"], top[0]["class"]) == (652, "military uniform") and 0.3 < top[0]["p"] < 0.5
    assert len(top) == 5 and [t["p"] for t in top] == sorted((t["p"] for t in top), reverse=True)
    assert found["photos"][0]["positive_share"][0] > 0.9
    assert json.loads((tmp_path / "imagenet.json").read_text()) == found
    assert Image.open(tmp_path / "top5.png").width > 800


def test_a_network_from_scratch_has_no_such_page(tmp_path: Path) -> None:
    assert write_imagenet(None, [read_photo(PORTRAIT)], tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_a_classifier_that_is_not_at_hand_is_said_and_one_asked_for_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    found = write_imagenet("vgg16", [read_photo(PORTRAIT)], tmp_path / "out")
    assert found is not None and "vgg16" in found["not_shown"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["imagenet.json"]
    with pytest.raises(UserError, match="does not exist"):
        load_classifier("vgg16", str(tmp_path / "none.pth"))


def test_photos_of_the_dataset_take_turns_of_its_classes(tmp_path: Path) -> None:
    write_images(tmp_path, ("a", "b"), channels=1)
    store = ImageStore(tmp_path / "images")
    photos = dataset_photos(store, 4, seed=0)
    assert [photo.label for photo in photos] == ["a", "b", "a", "b"] and len({photo.name for photo in photos}) == 4
    assert photos[0].pixels.shape == (16, 16, 3) and photos[0].square(32).shape == (32, 32, 3)
    assert [photo.name for photo in photos] == [photo.name for photo in dataset_photos(store, 4, seed=0)]


def test_an_oblong_photo_is_cut_to_its_middle_and_what_is_no_photo_is_named(tmp_path: Path) -> None:
    pixels = np.zeros((20, 40, 3), dtype=np.uint8)
    pixels[:, 10:30] = 200
    assert (Photo("x", pixels).square(20) == 200).all()
    (tmp_path / "x.jpg").write_text("no photo")
    with pytest.raises(UserError, match=r"x\.jpg cannot be decoded: not an image"):
        read_photo(tmp_path / "x.jpg")


def test_a_large_photo_is_read_no_larger_than_needed_and_transparency_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (3000, 1500), (0, 0, 0, 0)).save(tmp_path / "x.png")
    photo = read_photo(tmp_path / "x.png")
    assert photo.name == "x.png" and photo.pixels.shape == (512, 1024, 3) and (photo.pixels == 255).all()
