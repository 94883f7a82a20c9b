from __future__ import annotations

import json
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image

from finished_recipes import write_images
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.interpretation.imagenet.photos import Photo, dataset_photos, read_photo
from warmstart.interpretation.imagenet.write import write_imagenet

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
        write_imagenet("vgg16", [read_photo(PORTRAIT)], tmp_path / "out", weights=str(tmp_path / "none.pth"))


@pytest.mark.parametrize("backbone", ["resnet18", "swin_tiny_patch4_window7_224"])
def test_any_weights_file_with_its_classifier_will_do(tmp_path: Path, backbone: str) -> None:
    import timm

    torch.manual_seed(0)
    net = timm.create_model(backbone).eval()
    torch.save(net.state_dict(), tmp_path / "net.pth")
    photo = read_photo(PORTRAIT)
    found = write_imagenet(backbone, [photo], tmp_path / "out", weights=str(tmp_path / "net.pth"))
    assert found is not None
    cfg = net.pretrained_cfg
    pixels = torch.from_numpy(photo.square(224).copy()).permute(2, 0, 1)[None] / 255
    mean, std = (torch.tensor(cfg[key]).reshape(1, 3, 1, 1) for key in ("mean", "std"))
    with torch.no_grad():
        p, order = net((pixels - mean) / std).softmax(1)[0].topk(5)
    assert [t["index"] for t in found["photos"][0]["top"]] == order.tolist()
    assert [t["p"] for t in found["photos"][0]["top"]] == pytest.approx(p.tolist(), rel=1e-4)
    assert found["photos"][0]["positive_share"][0] is not None


def test_a_transformer_that_reads_its_class_token_has_no_such_map(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="class token"):
        write_imagenet("vit_tiny_patch16_224", [read_photo(PORTRAIT)], tmp_path, weights=str(tmp_path / "none.pth"))


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
