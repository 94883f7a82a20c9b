"""A dataset's artifacts folder as the stages write it, with figures of the test's choice and no training."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from data_builders import prepared_images
from support import write_manifest
from warmstart.records.images import SplitCounts

DIGEST = "ab" * 32
PICTURES = ("kernels/kernels.png", "cam/right.png", "cam/confident_wrong.png", "cam/mean.png", "scores/scores.png")


def write_images(root: Path, classes: tuple[str, ...] = ("cat", "dog"), n: int = 40, channels: int = 3) -> None:
    """``n`` test images and as many of each other split, the classes in turn."""
    folder = root / "images"
    folder.mkdir(parents=True)
    rows = []
    for split in ("train", "val", "test"):
        np.save(
            folder / f"{split}.npy", np.random.default_rng(0).integers(0, 256, (n, 16, 16, channels), dtype=np.uint8)
        )
        rows += [
            [path(split, i, classes), classes[i % len(classes)], i % len(classes), split, i, "0" * 64, 9]
            for i in range(n)
        ]
    write_manifest(folder, rows)
    prepared = prepared_images(classes=list(classes), channels=channels, digest=DIGEST, counts=SplitCounts(n, n, n))
    prepared.write(folder / "meta.json")


def write_recipe(
    root: Path,
    name: str,
    family: str,
    *,
    wrong: int,
    val: float = 0.9,
    epochs: int = 3,
    classes: tuple[str, ...] = ("cat", "dog"),
    n: int = 40,
    seconds: float = 75.0,
    trained_wrong: int | None = None,
    precision: str = "32-true",
) -> Path:
    """A finished recipe that is wrong on the first ``wrong`` of the test images and kept at validation accuracy ``val``.

    trained_wrong: how many it was wrong on as it was trained, before temperature and threshold; None: as many.
    """
    folder = root / "recipes" / name
    figures = {"train/loss": 0.5, "train/acc": val, "val/loss": 0.5, "val/acc": val}
    smooth = {f"smooth/{key}": value for key, value in figures.items()}
    times = {"lr": 1e-4, "time/epoch_s": 1.0, "time/images_per_s": 40.0}
    history = [{"epoch": e, "time": 1e9 + e, **figures, **smooth, **times} for e in range(epochs)]
    write_table(folder / "model" / "history.csv", list(history[0]), [list(row.values()) for row in history])
    summary: dict[str, Any] = {
        "recipe": name,
        "family": family,
        "title": f"<i>{name}</i>",
        "epochs": epochs,
        "kept_epoch": 0,
    }
    summary |= {
        "kept": history[0],
        "last": history[-1],
        "parameters": {"total": 1000, "trainable": 100},
        "seconds": seconds,
    }
    summary |= {
        "images_per_s": 40.0,
        "precision": precision,
        "device": "cpu",
        "starts_from": None,
        "n": {"train": n, "val": n},
    }
    write(folder / "model" / "summary.json", summary)
    write(folder / "model" / "run.json", {"recipe": name, "dataset_digest": DIGEST})
    rows = []
    for split in ("val", "test"):
        for i in range(n):
            label = i % len(classes)
            predicted = (label + 1) % len(classes) if i < wrong else label
            rows.append(
                [split, i, path(split, i, classes), label, predicted, 0.8, 0.8 if label == predicted else 0.2, 0.5]
            )
    probabilities = np.full((len(rows), len(classes)), 0.2 / max(1, len(classes) - 1), dtype=np.float32)
    probabilities[np.arange(len(rows)), [row[4] for row in rows]] = 0.8
    (folder / "evaluate").mkdir(parents=True, exist_ok=True)
    np.save(folder / "evaluate" / "probabilities.npy", probabilities)
    write_table(
        folder / "evaluate" / "predictions.csv",
        ["split", "row", "path", "label", "predicted", "p", "p_true", "loss"],
        rows,
    )
    shipped, trained = _block(wrong, n), _block(wrong if trained_wrong is None else trained_wrong, n)
    guess = {"value": 1 / len(classes), "low": 0.1, "high": 0.6}
    metrics = {
        "val": trained,
        "test": shipped,
        "as_trained": {"test": trained},
        "temperature": 1.25,
        "checkpoint": None,
    }
    metrics |= {
        "threshold": 0.5 if len(classes) == 2 else None,
        "majority": {"classes": [classes[0]], "accuracy": guess, "n": n},
    }
    write(folder / "evaluate" / "metrics.json", metrics)
    return folder


def _block(wrong: int, n: int) -> dict[str, Any]:
    share = 1 - wrong / n
    block = {"n": n, "accuracy": {"value": share, "low": max(0.0, share - 0.1), "high": min(1.0, share + 0.1)}}
    block |= {
        "loss": {"value": 0.4, "low": 0.3, "high": 0.5},
        "auroc": None,
        "ece": {"value": 0.1, "low": 0, "high": 0.2},
        "confusion": [],
    }
    return {**block, "reliability": [{"n": n, "confidence": 0.8, "accuracy": share}]}


def fold_images(root: Path, folds: int) -> None:
    """Say that the images are in so many folds: the test images part 0, the validation images part 1, and so on over training."""
    meta, manifest = root / "images" / "meta.json", root / "images" / "manifest.csv"
    meta.write_text(json.dumps({**json.loads(meta.read_text()), "folds": folds}))
    with manifest.open(newline="") as stream:
        rows = [
            {**row, "fold": {"test": 0, "val": 1}.get(row["split"], 2 + int(row["row"]) % (folds - 2))}
            for row in csv.DictReader(stream)
        ]
    write_table(manifest, list(rows[0]), [list(row.values()) for row in rows])


def fold_recipe(
    folder: Path, accuracies: list[float], *, wrong: int, n: int = 40, classes: tuple[str, ...] = ("cat", "dog")
) -> Path:
    """A finished recipe in so many folds, the kept validation accuracy of each given, wrong on the first ``wrong`` of all 3 n images."""
    folds, total = len(accuracies), 3 * n
    summary = json.loads((folder / "model" / "summary.json").read_text())
    parts = []
    for fold, accuracy in enumerate(accuracies):
        row = {**summary["kept"], "val/acc": accuracy}
        parts.append(
            {
                "fold": fold,
                "epochs": 3,
                "kept_epoch": 0,
                "kept": row,
                "last": row,
                "seconds": 25.0,
                "n": {"train": n, "val": total // folds},
            }
        )
        if fold:
            write(folder / "model" / "folds" / str(fold) / "summary.json", parts[-1])
    mean = {**summary["kept"], "val/acc": sum(accuracies) / folds}
    write(folder / "model" / "summary.json", {**summary, "folds": parts, "mean": {"kept": mean, "last": mean}})
    write(folder / "model" / "folds" / "folds.json", {"folds": folds})
    rows = []
    for number in range(total):
        split, i = ("train", "val", "test")[number // n], number % n
        label = i % len(classes)
        predicted = (label + 1) % len(classes) if number < wrong else label
        rows.append(
            [
                split,
                i,
                path(split, i, classes),
                label,
                predicted,
                0.8,
                0.8 if label == predicted else 0.2,
                0.5,
                number % folds,
            ]
        )
    columns = ["split", "row", "path", "label", "predicted", "p", "p_true", "loss", "fold"]
    write_table(folder / "evaluate" / "out_of_fold.csv", columns, rows)
    probabilities = np.full((total, len(classes)), 0.2 / max(1, len(classes) - 1), np.float32)
    probabilities[np.arange(total), [row[4] for row in rows]] = 0.8
    np.save(folder / "evaluate" / "out_of_fold_probabilities.npy", probabilities)
    metrics = json.loads((folder / "evaluate" / "metrics.json").read_text())
    pooled = _block(wrong, total)
    rule = {"temperature": 1.25, "threshold": metrics["threshold"]}
    each = [{"fold": fold, "n": total // folds, "accuracy": pooled["accuracy"], **rule} for fold in range(folds)]
    metrics |= {"test": pooled, "as_trained": {"test": pooled}, "folds": folds, "fold_accuracy": each}
    metrics["majority"] = {**metrics["majority"], "classes": list(classes), "n": total}
    write(folder / "evaluate" / "metrics.json", metrics)
    return folder


def write_pictures(recipe: Path) -> None:
    """What `interpret` leaves, as small pictures."""
    for file in PICTURES:
        (recipe / "interpret" / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(recipe / "interpret" / file)
    score = {"value": 0.251, "low": 0.11, "high": 0.42, "n": 32}
    scores = {
        "verdict": "these maps are not to be trusted (failed: <noise>)",
        "trusted": False,
        "n": 32,
        "versus_centre": score,
    }
    write(recipe / "interpret" / "summary.json", {"scores": {**scores, "evidence_versus_centre": None}})


def path(split: str, i: int, classes: tuple[str, ...]) -> str:
    return f"{classes[i % len(classes)]}/{split}_{i}.jpg"


def write(file: Path, value: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value))


def write_table(file: Path, header: list[str], rows: list[list[Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
