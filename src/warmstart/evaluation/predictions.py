"""Asking a model once; everything else is a view of the answers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warmstart.dataset.row_array import Rows
from warmstart.files.cells import csv_writer, path_cell
from warmstart.files.plain import write_bytes, write_text
from warmstart.models.decision import decide
from warmstart.models.image_model import ImageModel
from warmstart.runtime.devices import DevicePlan

COLUMNS = ("split", "row", "path", "label", "predicted", "p", "p_true", "loss")


@dataclass(frozen=True)
class Classification:
    """What is said of N images. probabilities: float64 (N, classes). predicted: int64 (N,), the class that is given for each."""

    probabilities: np.ndarray
    predicted: np.ndarray

    @property
    def confidence(self) -> np.ndarray:
        """The probability of the class that is given, (N,); of two classes it is below 0.5 where the threshold is not 0.5."""
        array: np.ndarray = self.probabilities[np.arange(len(self.predicted)), self.predicted]
        return array

    def __getitem__(self, rows: np.ndarray) -> Classification:
        return Classification(self.probabilities[rows], self.predicted[rows])


def classify(probabilities: np.ndarray, threshold: float | None = None) -> Classification:
    """Probabilities (N, classes) with the class that each row means."""
    return Classification(probabilities, decide(probabilities, threshold))


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

    def classify(self, model: ImageModel) -> Classification:
        """What the model says of them, with its temperature and threshold."""
        return classify(self.probabilities(model), model.threshold)


@torch.inference_mode()
def predict(model: ImageModel, images: Rows, compute: DevicePlan, batch_size: int) -> torch.Tensor:
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


def write_predictions(folder: Path, parts: list[tuple[Predictions, Classification]]) -> None:
    """Write ``predictions.csv``, a line an image, and ``probabilities.npy``, float32 (N, classes), in the same order."""
    where = [(part.split, i, row["path"]) for part, _ in parts for i, row in enumerate(part.rows)]
    labels = np.concatenate([part.labels for part, _ in parts])
    said = Classification(
        np.concatenate([its.probabilities for _, its in parts]), np.concatenate([its.predicted for _, its in parts])
    )
    write_text(folder / "predictions.csv", predictions_csv(where, labels, said))
    write_probabilities(folder / "probabilities.npy", said.probabilities)


def predictions_csv(
    where: Sequence[tuple[str, int, str]], labels: np.ndarray, said: Classification, folds: np.ndarray | None = None
) -> str:
    """A table with a line an image. where: split, row and path of each. folds: int64 (N,), for a column more.

    ``p`` is the probability of the class that is given, ``p_true`` that of the label, ``loss`` its cross-entropy in nats.
    """
    text = io.StringIO()
    writer = csv_writer(text)
    writer.writerow(COLUMNS if folds is None else (*COLUMNS, "fold"))
    p, loss = said.confidence, losses(said.probabilities, labels)
    for i, (split, row, path) in enumerate(where):
        sure = (f"{p[i]:.6f}", f"{said.probabilities[i, labels[i]]:.6f}", f"{loss[i]:.6f}")
        writer.writerow(
            [split, row, path_cell(path), labels[i], said.predicted[i], *sure, *([] if folds is None else [folds[i]])]
        )
    return text.getvalue()


def write_probabilities(path: Path, probabilities: np.ndarray) -> None:
    """Write probabilities (N, classes) as float32."""
    buffer = io.BytesIO()
    np.save(buffer, probabilities.astype(np.float32))
    write_bytes(path, buffer.getvalue())
