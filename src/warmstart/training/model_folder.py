"""The result folder ``model`` of a training."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warmstart.files.digest import sha256_file
from warmstart.files.plain import replace_dir, write_text
from warmstart.models.image_model import ImageModel
from warmstart.models.layers import format_layer_table, layer_table
from warmstart.records.training_state import FoldCount, SeedNetwork
from warmstart.records.training_summary import TrainingSummary
from warmstart.training.batch_norm_monitor import BATCH_NORM_FILE
from warmstart.training.fold import FoldResult
from warmstart.training.history import HISTORY_FILE
from warmstart.training.repeats import Repeat
from warmstart.training.resume import CONFIG_FILE
from warmstart.training.state_folders import RUN_FILE
from warmstart.training.step_recorder import STEPS_FILE
from warmstart.training.summary import fold_summary


def first_conv_weights(model: ImageModel) -> np.ndarray | None:
    """The first convolution's weights, float32 (K, C, h, w); None where there is none or it is not trained."""
    conv: Any = getattr(model.network, "first_conv", None)
    if conv is None or not conv.weight.requires_grad:
        return None
    weights: np.ndarray = conv.weight.detach().float().cpu().numpy().copy()
    return weights


def write_model_folder(
    out_dir: Path,
    state: Path,
    model: ImageModel,
    trainings: Mapping[Repeat, FoldResult],
    summary: TrainingSummary,
    initial_weights: np.ndarray | None,
) -> None:
    """Write ``out_dir`` in one step from the state of a finished training.

    trainings: of each fold or seed, the first one first. initial_weights: of ``first_conv_weights`` before training.
    """
    first = next(iter(trainings.values()))
    model = model.cpu()
    size, channels = model.preprocessing.size, model.preprocessing.channels
    table = layer_table(model.network, model.normalise(torch.zeros(1, size, size, channels, dtype=torch.uint8)))
    with replace_dir(out_dir) as folder:
        shutil.copyfile(state / first.checkpoint, folder / "model.ckpt")
        first.history.write(folder / HISTORY_FILE)
        summary.write(folder / "summary.json")
        table.write(folder / "layers.json")
        write_text(folder / "layers.txt", format_layer_table(table))
        if initial_weights is not None:
            np.save(folder / "first_conv_start.npy", np.ascontiguousarray(initial_weights))
        shutil.copyfile(state / CONFIG_FILE, folder / CONFIG_FILE)
        for name in (BATCH_NORM_FILE, STEPS_FILE):
            if (state / name).exists():
                shutil.copyfile(state / name, folder / name)
        shutil.copyfile(state / RUN_FILE, folder / RUN_FILE)
        for repeat, result in trainings.items():
            if not repeat.number:
                continue
            inside = repeat.folder(folder)
            inside.mkdir(parents=True)
            shutil.copyfile(repeat.folder(state) / result.checkpoint, inside / "model.ckpt")
            result.history.write(inside / HISTORY_FILE)
            own = summary.seeds[repeat.number] if summary.seeds else fold_summary(repeat.number, result)
            own.write(inside / "summary.json")
        _count(folder, list(trainings), summary).write(folder / FoldCount.FILE)


def _count(folder: Path, repeats: Sequence[Repeat], summary: TrainingSummary) -> FoldCount:
    if not summary.seeds:
        return FoldCount(len(repeats))
    files = [repeat.checkpoint(folder / "model.ckpt") for repeat in repeats]
    return FoldCount(1, [SeedNetwork(*one) for one in zip(summary.seed_numbers, map(sha256_file, files), strict=True)])
