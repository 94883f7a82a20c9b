"""The packaged model that serves: weights as safetensors, the rest as JSON, no pickle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from safetensors.torch import load_file, save_file

from warmstart.errors import UserError
from warmstart.files.plain import replace_dir
from warmstart.files.reading import reading, remake
from warmstart.models.image_model import ImageModel
from warmstart.models.stored import restore
from warmstart.records.base import VERSION_KEY
from warmstart.records.packaged_model import PackagedModel


def save_package(model: ImageModel, folder: str | Path) -> None:
    """Write ``model.safetensors`` and ``model.json`` (everything else) into ``folder``."""
    state = {key: value.detach().cpu().contiguous() for key, value in model.network.state_dict().items()}
    with replace_dir(folder) as aside:
        save_file(state, aside / "model.safetensors")
        described = PackagedModel.parse({VERSION_KEY: PackagedModel.FORMAT, **model.to_dict()}, folder)
        replace(described, unsure=model.unsure).write(aside / "model.json")


def load_package(folder: str | Path) -> ImageModel:
    """Read a packaged model, in evaluation mode. Raises UserError when the folder is not one, or is damaged."""
    folder = Path(folder)
    for name in ("model.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise UserError(f"{folder} is not a packaged model: {name} is missing; {remake(folder / name)}")
    described = PackagedModel.read(folder / "model.json")
    with reading(folder / "model.safetensors", "weights"):
        state = load_file(folder / "model.safetensors")
    with reading(folder / "model.json", "the description of these weights"):
        model = restore(folder / "model.json", described.to_dict(), state, folder / "model.safetensors")
        if described.unsure and described.unsure.limit is not None and not 0 <= described.unsure.limit <= 1:
            raise ValueError("the limit of unsure answers is from 0 to 1")
    model.unsure = described.unsure
    return model
