"""A package on disk: what is damaged is one line, not a stack trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from warmstart.errors import UserError
from warmstart.serving.package import load_package


def _spec(change: Callable[[dict], object]) -> Callable[[Path], object]:
    def damage(folder: Path) -> None:
        spec = json.loads((folder / "model.json").read_text())
        change(spec)
        (folder / "model.json").write_text(json.dumps(spec))

    return damage


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no json": lambda folder: (folder / "model.json").write_text("{"),
    "a list": lambda folder: (folder / "model.json").write_text("[]"),
    "binary json": lambda folder: (folder / "model.json").write_bytes(b"\xff\xfe"),
    "no network": _spec(lambda spec: spec.pop("network")),
    "unknown network": _spec(lambda spec: spec["network"].update(kind="nothing", family="nothing")),
    "odd preprocessing": _spec(lambda spec: spec["preprocessing"].update(pixels=3)),
    "no threshold": _spec(lambda spec: spec.pop("threshold")),
    "short weights": lambda folder: (folder / "model.safetensors").write_bytes(
        (folder / "model.safetensors").read_bytes()[:1000]
    ),
    "empty weights": lambda folder: (folder / "model.safetensors").write_bytes(b""),
    "another size": _spec(lambda spec: (spec["network"].update(size=60000), spec["preprocessing"].update(size=60000))),
    "a size of the network alone": _spec(lambda spec: spec["network"].update(size=96)),
    "a size of the photos alone": _spec(lambda spec: spec["preprocessing"].update(size=96)),
    "a size that is text": _spec(lambda spec: spec["preprocessing"].update(size="48")),
    "a wide network": _spec(lambda spec: spec["network"].update(widths=[10**6, 10**6])),
    "a vast dense layer": _spec(lambda spec: spec["network"].update(dense=10**12)),
    "another kind": _spec(lambda spec: spec["network"].update(kind="transfer")),
    "more classes": _spec(lambda spec: spec["classes"].append("bird")),
    "fewer classes": _spec(lambda spec: spec["classes"].pop()),
    "classes alike": _spec(lambda spec: spec.update(classes=["cat", "cat"])),
    "classes that are numbers": _spec(lambda spec: spec.update(classes=[1, 2])),
    "no temperature": _spec(lambda spec: spec.update(temperature=0)),
    "temperature as text": _spec(lambda spec: spec.update(temperature="warm")),
    "an endless temperature": _spec(lambda spec: spec.update(temperature=float("nan"))),
    "a threshold beyond 1": _spec(lambda spec: spec.update(threshold=1.5)),
    "two means": _spec(lambda spec: spec["preprocessing"].update(mean=[0.5, 0.5])),
    "no deviation": _spec(lambda spec: spec["preprocessing"].update(std=[0, 1, 1])),
    "a network that is a list": _spec(lambda spec: spec.update(network=[])),
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_package_is_named(packaged: Path, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    folder = tmp_path / "package"
    shutil.copytree(packaged, folder)
    damage(folder)
    with pytest.raises(UserError, match="package"):
        load_package(folder)


def test_weights_of_another_network_are_named(packaged: Path, frozen: Path, tmp_path: Path) -> None:
    from warmstart.models.checkpoint import load_model
    from warmstart.serving.package import save_package

    save_package(load_model(frozen / "model.ckpt"), tmp_path / "other")
    shutil.copytree(packaged, tmp_path / "package")
    shutil.copy(tmp_path / "other/model.safetensors", tmp_path / "package")
    with pytest.raises(UserError, match=r"model\.safetensors"):
        load_package(tmp_path / "package")


@pytest.mark.parametrize(
    "change",
    [
        lambda spec: (spec["network"].update(size=60_000), spec["preprocessing"].update(size=60_000)),
        lambda spec: spec["network"].update(backbone="vgg16"),
        lambda spec: spec["network"].update(backbone="no_such_network"),
        lambda spec: spec["network"].update(backbone="hf-hub:someone/something"),
        lambda spec: spec["network"].update(backbone="local-dir:/tmp"),
        lambda spec: spec["network"].update(pool="flatten"),
        lambda spec: spec["network"].update(outputs=10**9),
    ],
)
def test_a_damaged_description_of_a_backbone_is_named(
    frozen: Path, tmp_path: Path, change: Callable[[dict], object]
) -> None:
    from warmstart.models.checkpoint import load_model
    from warmstart.serving.package import save_package

    save_package(load_model(frozen / "model.ckpt"), tmp_path / "package")
    _spec(change)(tmp_path / "package")
    with pytest.raises(UserError, match="package"):
        load_package(tmp_path / "package")


def test_the_shape_of_a_large_map_is_found_without_computing_it() -> None:
    from warmstart.models.backbone import MAX_COMPUTED_SIDE_PX, Backbone

    for name in ("efficientnet_lite0", "resnet18"):
        backbone = Backbone(name)
        channels, *_ = backbone.feature_shape(MAX_COMPUTED_SIDE_PX // 4)
        assert backbone.feature_shape(10_000)[0] == channels
        assert not any(tensor.is_meta for tensor in backbone.parameters())


def test_loading_draws_as_many_random_numbers_as_building(packaged: Path) -> None:
    """What a recipe that starts from a checkpoint draws next does not depend on how it was loaded."""
    import torch

    from warmstart.files.plain import read_json
    from warmstart.models.image_model import ImageModel

    described = read_json(packaged / "model.json")
    torch.manual_seed(0)
    ImageModel.from_dict(described)
    expected = torch.rand(3)
    torch.manual_seed(0)
    load_package(packaged)
    assert torch.equal(torch.rand(3), expected)
