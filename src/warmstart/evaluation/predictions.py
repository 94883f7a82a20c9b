"""Asking a model once; everything else is a view of the answers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warmstart.compute import Compute
from warmstart.data.rows import Rows
from warmstart.files import csv_writer, write_bytes, write_text
from warmstart.models.image_model import ImageModel

COLUMNS = ("split", "row", "path", "label", "predicted", "p", "p_true", "loss")


@dataclass(frozen=True)
class Predictions:
    """The answers for one split. logits: float32 (N, outputs); labels: int64 (N,); rows: the manifest's."""

    split: str
    logits: torch.Tensor
    labels: np.ndarray
    rows: list[dict[str, Any]]

    def probabilities(self, model: ImageModel) -> np.ndarray:
        """float64 (N, classes), with the model's temperature."""
        array: np.ndarray = model.probabilities(self.logits).double().numpy()
        return array


@torch.inference_mode()
def predict(model: ImageModel, images: Rows, compute: Compute, batch_size: int) -> torch.Tensor:
    """Logits, float32 (N, outputs), of uint8 images (N, H, W, C)."""
    model.to(compute.device)
    out = []
    with compute.autocast():
        for start in range(0, len(images), batch_size):
            batch = torch.from_numpy(np.array(images[start : start + batch_size])).to(compute.device)
            out.append(model(batch).float().cpu())
    return torch.cat(out)


def losses(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Cross-entropy of each image in nats, (N,)."""
    out: np.ndarray = -np.log(np.clip(probabilities[np.arange(len(labels)), labels], 1e-12, 1.0))
    return out


def decide(probabilities: np.ndarray, threshold: float | None = None) -> np.ndarray:
    """The class each row of probabilities (N, classes) says; threshold: for ``classes[1]`` of two, else 0.5."""
    if probabilities.shape[1] == 2 and threshold is not None:
        return np.asarray(probabilities[:, 1] > threshold, dtype=np.int64)
    return np.asarray(probabilities.argmax(1))


def write_predictions(folder: Path, parts: list[tuple[Predictions, np.ndarray]]) -> None:
    """Write ``predictions.csv``, a line an image, and ``probabilities.npy``, float32 (N, classes), in the same order."""
    where = [(part.split, i, row["path"]) for part, _ in parts for i, row in enumerate(part.rows)]
    labels = np.concatenate([part.labels for part, _ in parts])
    probabilities = np.concatenate([its for _, its in parts])
    write_text(folder / "predictions.csv", predictions_csv(where, labels, probabilities))
    write_probabilities(folder / "probabilities.npy", probabilities)


def predictions_csv(
    where: Sequence[tuple[str, int, str]], labels: np.ndarray, probabilities: np.ndarray, folds: np.ndarray | None = None
) -> str:
    """A table with a line an image. where: split, row and path of each. folds: int64 (N,), for a column more."""
    text = io.StringIO()
    writer = csv_writer(text)
    writer.writerow(COLUMNS if folds is None else (*COLUMNS, "fold"))
    predicted, loss = decide(probabilities), losses(probabilities, labels)
    for i, place in enumerate(where):
        sure = (f"{probabilities[i, predicted[i]]:.6f}", f"{probabilities[i, labels[i]]:.6f}", f"{loss[i]:.6f}")
        writer.writerow([*place, labels[i], predicted[i], *sure, *([] if folds is None else [folds[i]])])
    return text.getvalue()


def write_probabilities(path: Path, probabilities: np.ndarray) -> None:
    """Write probabilities (N, classes) as float32."""
    buffer = io.BytesIO()
    np.save(buffer, probabilities.astype(np.float32))
    write_bytes(path, buffer.getvalue())
