"""Whether a fold's training can be gone on with: what is damaged or does not fit is removed, so that the fold begins anew."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

from warmstart.errors import UserError
from warmstart.models.checkpoint import read_checkpoint
from warmstart.models.image_model import ImageModel
from warmstart.training.history import best_row

log = logging.getLogger(__name__)
DONE = "fold.json"  # in a fold's state; the last thing written there
LAST = "last.ckpt"  # everything needed to go on
OF_A_FOLD = (DONE, LAST, "best-*.ckpt", "history.csv", "batch_norm.csv")  # in the order in which they are removed


def kept_name(epoch: float) -> str:
    """The name of the kept network's checkpoint in a fold's state; epochs are counted from 1."""
    return f"best-{int(epoch)}.ckpt"


def why_not_resume(state: Path, model: ImageModel) -> str | None:
    """The file that keeps a training of ``model`` from going on from ``state``; None where it can, or where nothing has been trained."""
    if not (state / LAST).exists():
        return LAST if any(state.glob("best-*.ckpt")) and (state / "history.csv").exists() else None
    try:
        stored = torch.load(state / LAST, map_location="cpu", weights_only=True, mmap=True)
        kept = kept_name(best_row(stored["callbacks"]["Journal"]["rows"])["epoch"])
        shapes = {name: value.shape for name, value in stored["state_dict"].items()}
    except Exception:  # PyTorch's errors for damaged files are of many kinds
        return LAST
    if shapes != {f"model.{name}": value.shape for name, value in model.state_dict().items()}:
        return LAST
    try:
        read_checkpoint(state / kept)
    except UserError:
        return kept
    return None


def empty_fold(state: Path, why: str) -> None:
    """Remove what a fold has left, and say that it begins anew because of the file ``why``; what is not the fold's own stays."""
    log.warning("%s is missing, damaged or of another network: this training begins anew", state / why)
    for pattern in OF_A_FOLD:
        for path in sorted(state.glob(pattern)):
            path.unlink(missing_ok=True)
