"""Networks of timm and torchvision from random weights, and a person's own class."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from support import Configure, Folders, compose_config, training_parts, typed_config
from warmstart.config.target import CONVNET
from warmstart.errors import UserError
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.files.plain import read_json
from warmstart.interpretation.interpret import interpret
from warmstart.models.build import OwnNetworkSpec, build_network, spec_from_dict, spec_to_dict
from warmstart.models.checkpoint import load_model
from warmstart.models.own_network import OwnNetwork
from warmstart.serving.packaged import PackagedModel

OWN = ("network=own",)  # what the command line adds to network._target_
LIBRARY = "warmstart.models.library_networks."
MINE = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, width: int = 4, *, size: int, channels: int, outputs: int) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(channels, width, 3), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(4))
        self.last = nn.Linear(width, outputs)

    def forward(self, x):
        return self.last(self.features(x).mean((2, 3)))


class Recurrent(nn.Module):
    def __init__(self, *, size: int, channels: int, outputs: int) -> None:
        super().__init__()
        self.rows = nn.LSTM(size * channels, 4, batch_first=True)
        self.last = nn.Parameter(torch.zeros(4, outputs))

    def forward(self, x):
        return self.rows(x.permute(0, 2, 1, 3).flatten(2))[0][:, -1] @ self.last


class Wrong(nn.Module):
    def __init__(self, *, size: int, channels: int, outputs: int) -> None:
        super().__init__()

    def forward(self, x):
        return x


def make(size, channels, outputs):
    return Net(size=size, channels=channels, outputs=outputs)
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module of a person's own."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "mine.py").write_text(MINE)
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    yield tmp_path / "code"
    sys.modules.pop("mine", None)


def own(target: str, size: int = 64, channels: int = 3, outputs: int = 3, **arguments: Any) -> OwnNetwork:
    spec = OwnNetworkSpec(target=target, arguments=arguments, size=size, channels=channels, outputs=outputs)
    network = build_network(spec_from_dict(spec_to_dict(spec)))
    assert isinstance(network, OwnNetwork)
    return network


@pytest.mark.parametrize(("name", "channels"), [("resnet18", 3), ("mobilenetv3_small_050", 1)])
def test_a_timm_network_is_trained_whole(name: str, channels: int) -> None:
    network = own(LIBRARY + "TimmNet", channels=channels, name=name, dropout=0.5)
    assert network.train()(torch.zeros(2, channels, 64, 64)).shape == (2, 3)
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert network.cam_layer is network.net.trunk and network.output_layer is network.net.logits
    assert network.first_conv is not None and network.first_conv.in_channels == channels


@pytest.mark.parametrize(
    ("name", "last_map"), [("resnet18", "net.net.layer4"), ("mobilenet_v3_small", "net.net.features"), ("vit_b_16", "")]
)
def test_a_torchvision_network_says_where_its_last_map_is(name: str, last_map: str) -> None:
    network = own(LIBRARY + "TorchvisionNet", name=name, dropout=0.25)
    assert network.train()(torch.rand(2, 3, 64, 64)).shape == (2, 3)
    assert network.cam_layer is (network.get_submodule(last_map) if last_map else None)
    assert isinstance(network.output_layer, torch.nn.Linear) and network.output_layer.out_features == 3


@pytest.mark.parametrize(
    ("target", "arguments", "words"),
    [
        ("TimmNet", {"name": "resnet81"}, "near names: .*resnet"),
        ("TorchvisionNet", {"name": "resnet81"}, "did you mean resnet18"),
        ("TorchvisionNet", {"name": "resnet18", "channels": 1}, "data.channels"),
        ("TorchvisionNet", {"name": "vit_b_16", "size": 60}, "60 px"),
        ("TimmNet", {"name": "mixer_s32_224"}, "64 px"),
    ],
)
def test_what_a_library_has_not_is_refused(target: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        own(LIBRARY + target, **arguments)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("yours.Net", "PYTHONPATH"),
        ("mine.Nett", "PYTHONPATH"),
        ("mine.make", "no subclass of torch.nn.Module"),
        ("mine.Wrong", r"must give \(1, 3\)"),
        ("torch.nn.Linear", "size=, channels= and outputs="),
    ],
)
def test_a_class_that_is_no_network_is_refused(mine: Path, target: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        own(target)


def test_a_class_of_ones_own_is_trained_packaged_and_looked_at(
    mine: Path, train_tiny: Callable[..., Path], configure: Configure, tiny: Folders, tmp_path: Path
) -> None:
    model = train_tiny("scratch", tmp_path / "model", *OWN, "network._target_=mine.Net", "network.width=6")
    loaded = load_model(model / "model.ckpt")
    assert loaded.spec["target"] == "mine.Net" and loaded.spec["arguments"] == {"width": 6}
    assert read_json(model / "summary.json")["network"] == loaded.spec
    evaluate(
        typed_config("evaluate", configure("scratch", "evaluate.bootstrap=50")),
        model_dir=model,
        images_dir=tiny.images,
        out_dir=tmp_path / "evaluate",
    )
    pixels = torch.zeros(1, 48, 48, 3, dtype=torch.uint8)
    packaged = PackagedModel.load(tmp_path / "evaluate" / "package")
    assert packaged.predict([pixels[0].numpy()])[0]["class"] in loaded.classes
    options = typed_config("interpret", configure("scratch", "interpret.maps=4", "interpret.scored=4")).interpret
    interpret(model, tiny.images, tmp_path / "evaluate", tmp_path / "interpret", options)
    assert (tmp_path / "interpret" / "kernels" / "kernels.png").exists()
    sys.path.remove(str(mine))
    sys.modules.pop("mine")
    with pytest.raises(UserError, match=r"mine\.Net.*PYTHONPATH"):
        load_model(model / "model.ckpt")


def test_a_network_without_maps_and_convolutions_leaves_these_pictures_out(
    mine: Path, train_tiny: Callable[..., Path], configure: Configure, tiny: Folders, tmp_path: Path
) -> None:
    overrides = [*OWN, "network._target_=mine.Recurrent"]
    model = train_tiny("scratch", tmp_path / "model", *overrides)
    evaluate(
        typed_config("evaluate", configure("scratch", "evaluate.bootstrap=50")),
        model_dir=model,
        images_dir=tiny.images,
        out_dir=tmp_path / "evaluate",
    )
    options = typed_config("interpret", configure("scratch", "interpret=full")).interpret
    interpret(model, tiny.images, tmp_path / "evaluate", tmp_path / "interpret", options)
    assert "neither" in read_json(tmp_path / "interpret" / "kernels" / "kernels.json")["note"]
    assert not read_json(tmp_path / "interpret" / "scores" / "scores.json")["scored"]
    with pytest.raises(UserError, match="output_layer"):
        train_tiny("scratch", tmp_path / "n", "loss.ridge=1", *overrides)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["network=timm", "network.nam=resnet18"], "did you mean name"),
        (["network=timm", "recipe=scratch_batchnorm"], "network.batch_norm"),
        (["network._target_=torch.nn.Lineer"], "Linear"),
        (["network=own"], "network._target_=PACKAGE"),
        (["network._target_=torch.nn.Linear"], "network.widths"),
        (["network=timm", "network._target_=torch.optim.Adam", "~network.name"], "params|Module"),
    ],
)
def test_arguments_are_checked_before_any_training(overrides: list[str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        training_parts(compose_config("data=critters", *overrides))


def test_they_are_checked_when_recipes_are_composed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import _checked_parts

    monkeypatch.setattr(_checked_parts, "CHECKED", tmp_path / "checked")
    configs = {name: compose_config(f"recipe={name}", "network=timm") for name in ("fine_tune", "scratch_batchnorm")}
    with pytest.raises(UserError, match=r"recipe scratch_batchnorm: network\.batch_norm"):
        _checked_parts.check_all_parts(configs)


def test_keys_of_the_convnet_are_checked_as_they_were() -> None:
    assert compose_config("data=critters")["network"]["_target_"] == CONVNET
    with pytest.raises(UserError, match=r"network\.widhts.*did you mean network\.widths"):
        compose_config("data=critters", "network.widhts=[4]")
    with pytest.raises(UserError, match=r"network\.dropout is 2"):
        compose_config("data=critters", "network.dropout=2")


def test_the_command_line_leaves_the_convnets_arguments_out_for_another_class() -> None:
    from _command_line import own_network

    assert own_network(["recipe=scratch", "network._target_=mine.Net"]) == ["network=own"]
    assert own_network(["network._target_=mine.Net", "network=timm"]) == [] == own_network(["network.dense=4"])
