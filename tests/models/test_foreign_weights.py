"""Files that are no weights of ours: refused in a sentence that names the file, whatever is in them, and never run."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from warmstart.errors import UserError, first_line
from warmstart.models.backbone import Backbone
from warmstart.models.checkpoint import load_model
from warmstart.models.weights import load_weights
from warmstart.runtime.machine_errors import sentence
from warmstart.serving.package import load_package

RAN: list[str] = []


class Hostile:
    """Runs code where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return eval, ("__import__('builtins').open('RAN', 'w').close()",)


def foreign_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data.pkl", pickle.dumps(Hostile()))
        archive.writestr("x/version", "3\n")


def cut(path: Path) -> None:
    torch.save({"weight": torch.zeros(1000)}, path)
    path.write_bytes(path.read_bytes()[:2000])


FILES: dict[str, Callable[[Path], object]] = {
    "a pickle": lambda path: path.write_bytes(pickle.dumps(Hostile())),
    "a pickle as torch saves it": lambda path: torch.save(Hostile(), path),
    "an old one": lambda path: torch.save(Hostile(), path, _use_new_zipfile_serialization=False),
    "a zip": foreign_zip,
    "cut short": cut,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("<!doctype html>\nweights_only=False\n"),
    "a folder": lambda path: path.mkdir(),
    "a list": lambda path: torch.save([1, 2], path),
    "a tensor": lambda path: torch.save(torch.zeros(3), path),
    "another network's": lambda path: torch.save(torch.nn.Linear(2, 2).state_dict(), path),
    "a module": lambda path: torch.save(torch.nn.Linear(2, 2), path),
    "nothing": lambda path: None,
}


def refused(load: Callable[[], object], path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load()
    said = sentence(caught.value) or ""
    assert str(path) in said or (path.parent.name == "package" and str(path.parent) in said)
    assert "\n" not in said and "weights_only" not in said and len(said) < 700
    return said


@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".ckpt"])
@pytest.mark.parametrize("what", FILES)
def test_what_is_no_weights_is_refused_and_not_run(
    what: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"file{suffix}"
    FILES[what](path)
    refused(lambda: load_model(path), path)
    if suffix != ".ckpt":
        said = refused(lambda: load_weights(Backbone("efficientnet_lite0"), str(path)), path)
        assert "backbone.weights" in said or "give a file" in said
    assert not (tmp_path / "RAN").exists()


@pytest.mark.parametrize("what", [name for name in FILES if name not in ("a folder", "nothing")])
def test_a_package_with_such_weights_is_refused(
    what: str, packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "model.json").write_bytes((packaged / "model.json").read_bytes())
    FILES[what](folder / "model.safetensors")
    refused(lambda: load_package(folder), folder / "model.safetensors")
    assert not (tmp_path / "RAN").exists()


def test_safetensors_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"fc.weight": torch.zeros(2, 2)}, path)
    refused(lambda: load_weights(Backbone("efficientnet_lite0"), str(path)), path)


def test_pytorchs_advice_to_load_code_is_never_passed_on(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "w.pth")
    with pytest.raises(pickle.UnpicklingError) as caught:
        torch.load(tmp_path / "w.pth", weights_only=True)
    assert "weights_only" in str(caught.value)
    assert "weights_only" not in first_line(caught.value) and "weights_only" not in (sentence(caught.value) or "-")
