"""The files of an interrupted or finished fold: whether they are intact. A damaged fold is removed and trained anew."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

from warmstart.config.selection import ACCURACY
from warmstart.errors import UserError
from warmstart.models.checkpoint import read_checkpoint
from warmstart.models.image_model import ImageModel
from warmstart.records.history import History
from warmstart.training.history import HISTORY_FILE, load_epochs
from warmstart.training.messages import FOLD_DAMAGED

log = logging.getLogger(__name__)
FINISHED_FOLD_FILE = "fold.json"  # the last file that a fold writes
RESUME_FILE = "last.ckpt"
BEST_PATTERN = "best-*.ckpt"
# In the order in which they are removed.
FOLD_FILES = (FINISHED_FOLD_FILE, RESUME_FILE, BEST_PATTERN, HISTORY_FILE, "batch_norm.csv", "steps.csv")


def best_name(epoch: int) -> str:
    """The name of the best epoch's checkpoint in a fold's state; epochs are counted from 1."""
    return f"best-{epoch}.ckpt"


def find_damage(state: Path, model: ImageModel, select_by: str = ACCURACY) -> str | None:
    """The file that prevents resuming a training of ``model`` from ``state``, if there is one. select_by: the metric
    that keeps an epoch.
    """
    if not (state / RESUME_FILE).exists():
        return RESUME_FILE if any(state.glob(BEST_PATTERN)) and (state / HISTORY_FILE).exists() else None
    try:
        stored = torch.load(state / RESUME_FILE, map_location="cpu", weights_only=True, mmap=True)
        best = best_name(History(load_epochs(stored["callbacks"]["HistoryRecorder"]), select_by).best.epoch)
        shapes = {name: value.shape for name, value in stored["state_dict"].items()}
    except Exception:  # PyTorch's errors for damaged files are of many kinds
        return RESUME_FILE
    if shapes != {f"model.{name}": value.shape for name, value in model.state_dict().items()}:
        return RESUME_FILE
    try:
        read_checkpoint(state / best)
    except UserError:
        return best
    return None


def clear_fold(state: Path, damaged: str) -> None:
    """Remove the files of a fold, and log that it is trained anew because of the file ``damaged``."""
    log.warning(FOLD_DAMAGED, state / damaged)
    for pattern in FOLD_FILES:
        for path in sorted(state.glob(pattern)):
            path.unlink(missing_ok=True)
