"""The packaged model that serves: weights as safetensors, the rest as JSON, no pickle."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from warmstart.errors import UserError
from warmstart.files import read_json, replace_dir, write_json
from warmstart.models.image_model import ImageModel


def save_package(model: ImageModel, folder: str | Path) -> None:
    """Write ``model.safetensors`` and ``model.json`` (network, preprocessing, classes, threshold, temperature) into ``folder``."""
    state = {key: value.detach().cpu().contiguous() for key, value in model.network.state_dict().items()}
    with replace_dir(folder) as aside:
        save_file(state, aside / "model.safetensors")
        write_json(aside / "model.json", model.to_dict())


def load_package(folder: str | Path) -> ImageModel:
    """Read a packaged model, in evaluation mode. Raises UserError when the folder is not one, or is damaged."""
    folder = Path(folder)
    for name in ("model.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise UserError(f"{folder} is not a packaged model: {name} is missing (evaluate makes one, in its folder package/)")
    spec = read_json(folder / "model.json")
    try:
        model = ImageModel.from_dict(spec)
    except (UserError, KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        why = f": {error}" if isinstance(error, UserError) else ""
        raise UserError(f"{folder / 'model.json'} does not describe a model that can be built{why}; evaluate the recipe again") from None
    try:
        model.network.load_state_dict(load_file(folder / "model.safetensors"))
    except (SafetensorError, RuntimeError, OSError, ValueError):
        raise UserError(f"{folder / 'model.safetensors'} is damaged, or of another network; evaluate the recipe again") from None
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model.eval()
