"""The kept checkpoint: weights, network, preprocessing and class names in one file of plain data."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from warmstart.errors import UserError
from warmstart.files import write_bytes
from warmstart.models.image_model import ImageModel

FORMAT = 1


def save_model(model: ImageModel, path: str | Path) -> None:
    """Write a model in one step; ``torch.load(path, weights_only=True)`` reads it."""
    buffer = io.BytesIO()
    state = {key: value.detach().cpu() for key, value in model.network.state_dict().items()}
    torch.save({"format": FORMAT, "state_dict": state, **model.to_dict()}, buffer)
    write_bytes(path, buffer.getvalue())


def load_model(path: str | Path) -> ImageModel:
    """Read a model, in evaluation mode, needing no configuration file. Raises UserError when the file is not one of ours."""
    stored = read_checkpoint(path)
    model = ImageModel.from_dict(stored)
    model.network.load_state_dict(stored["state_dict"])
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model.eval()


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """The plain data of a checkpoint. Raises UserError when it is missing, damaged or something else."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path} does not exist: train the recipe first")
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"{path} cannot be read as a checkpoint ({type(error).__name__})") from None
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise UserError(f"{path} is not a Warmstart checkpoint (a model.ckpt that `train` wrote)")
    return stored
