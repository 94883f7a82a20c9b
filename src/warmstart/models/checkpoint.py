"""The checkpoint of a trained model: weights, network, preprocessing and classes in one file of plain data."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from warmstart.errors import UserError
from warmstart.files.plain import write_bytes
from warmstart.files.reading import reading, remake
from warmstart.models.image_model import ImageModel
from warmstart.models.stored import load_file, restore

FORMAT = 1


def save_model(
    model: ImageModel,
    path: str | Path,
    weights: Mapping[str, torch.Tensor] | None = None,
    as_trained: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """Write a model in one step. ``torch.load(path, weights_only=True)`` reads it.

    weights: None for the network's. as_trained: running statistics that training had where ``weights`` has others.
    """
    buffer = io.BytesIO()
    state = {key: value.detach().cpu() for key, value in (weights or model.network.state_dict()).items()}
    before = {"as_trained": {key: value.cpu() for key, value in as_trained.items()}} if as_trained else {}
    torch.save({"format": FORMAT, "state_dict": state, **model.to_dict(), **before}, buffer)
    write_bytes(path, buffer.getvalue())


def load_model(path: str | Path) -> ImageModel:
    """Read a model, in evaluation mode. Raises UserError for a file that is missing, damaged or something else."""
    path = Path(path)
    stored = read_checkpoint(path)
    with reading(path, "a checkpoint of this version"):
        return restore(path, stored, stored["state_dict"])


def load_as_trained(path: str | Path) -> ImageModel | None:
    """The model with the running statistics that training had, where it was kept with others; None where it was not."""
    path = Path(path)
    stored = read_checkpoint(path)
    if "as_trained" not in stored:
        return None
    with reading(path, "a checkpoint of this version"):
        return restore(path, stored, {**stored["state_dict"], **stored["as_trained"]})


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """The plain data of a checkpoint. Raises UserError for a file that is missing, damaged or something else."""
    path = Path(path)
    if not path.exists():
        raise UserError(f"{path} does not exist: train the recipe first ({remake(path)})")
    try:
        stored = load_file(path)
    except UserError as error:
        raise UserError(f"{error}; where Warmstart made it, {remake(path)}") from None
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise UserError(f"{path} is not a Warmstart checkpoint (a model.ckpt that `train` wrote): {remake(path)}")
    return stored
