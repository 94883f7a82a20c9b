"""A package on disk: what is damaged is one line, not a stack trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from warmstart.errors import UserError
from warmstart.models.package import load_package


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
    "short weights": lambda folder: (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:1000]),
    "empty weights": lambda folder: (folder / "model.safetensors").write_bytes(b""),
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
    from warmstart.models.package import save_package

    save_package(load_model(frozen / "model.ckpt"), tmp_path / "other")
    shutil.copytree(packaged, tmp_path / "package")
    shutil.copy(tmp_path / "other/model.safetensors", tmp_path / "package")
    with pytest.raises(UserError, match=r"model\.safetensors"):
        load_package(tmp_path / "package")
