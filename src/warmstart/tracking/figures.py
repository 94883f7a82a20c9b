"""The figures that a run ends with: one number each, under the same name for every recipe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warmstart.files import read_json

# Findings of the audit whose count is a figure: those that are about single photos.
_FAULTS: tuple[str, ...] = (
    "unreadable",
    "truncated",
    "not_images",
    "no_decoder",
    "animated",
    "tiny",
    "upscaled",
    "extreme_aspect",
    "blank",
)
_FAULTS += ("exact", "near", "conflicts", "leaks", "dark", "bright", "blurred")
_MEASURES = {"accuracy": "acc", "loss": "loss", "auroc": "auroc", "ece": "ece"}


def training_figures(summary: Mapping[str, Any]) -> dict[str, float]:
    """From summary.json: the kept and the last epoch, parameters, training time (s) and speed (images/s); with folds, of
    fold 0, whose curves the run shows, but the time of all, and ``folds/mean_val_acc`` and ``folds/mean_val_loss`` over all.
    """
    kept, last, parameters = summary.get("kept") or {}, summary.get("last") or {}, summary.get("parameters") or {}
    figures = {
        "kept/epoch": summary.get("kept_epoch"),
        "kept/val_acc": kept.get("val/acc"),
        "kept/val_loss": kept.get("val/loss"),
        "last/val_acc": last.get("val/acc"),
        "last/val_loss": last.get("val/loss"),
        "last/train_acc": last.get("train/acc"),
        "parameters/total": parameters.get("total"),
        "parameters/trainable": parameters.get("trainable"),
        "time/train_s": summary.get("seconds"),
        "time/mean_images_per_s": summary.get("images_per_s"),
    }
    if last.get("train/acc") is not None and last.get("val/acc") is not None:
        figures["last/gap"] = last["train/acc"] - last["val/acc"]
    mean = (summary.get("mean") or {}).get("kept") or {}
    figures |= {"folds/mean_val_acc": mean.get("val/acc"), "folds/mean_val_loss": mean.get("val/loss")}
    return _numbers(figures)


def evaluation_figures(metrics: Mapping[str, Any]) -> dict[str, float]:
    """From evaluate/metrics.json: ``test/acc``, ``test/acc_low``, ``test/acc_high`` and so on; ``test/n`` images.

    With folds these are of all images out of fold, and ``folds/…`` says how many folds there are and their extremes.
    """
    block = metrics.get("test") or {}
    figures: dict[str, Any] = {"test/n": block.get("n")}
    folds = [fold["accuracy"]["value"] for fold in metrics.get("fold_accuracy", ())]
    if folds:
        figures |= {"folds/count": len(folds), "folds/lowest_test_acc": min(folds), "folds/highest_test_acc": max(folds)}
    for measure, name in _MEASURES.items():
        value = block.get(measure)
        if isinstance(value, Mapping):
            figures[f"test/{name}"] = value.get("value")
            figures[f"test/{name}_low"] = value.get("low")
            figures[f"test/{name}_high"] = value.get("high")
    return _numbers(figures)


def interpretation_figures(summary: Mapping[str, Any]) -> dict[str, float]:
    """From interpret/summary.json: the scores of the maps, as ``cam/<score>``, ``cam/<score>_low``, ``cam/<score>_high``."""
    scores = summary.get("scores") or {}
    figures: dict[str, Any] = {}
    for name, score in scores.items():
        if isinstance(score, Mapping):
            figures |= {f"cam/{name}{end}": score.get(key) for key, end in (("value", ""), ("low", "_low"), ("high", "_high"))}
    return _numbers(figures)


def lesson_figures(folder: Path) -> dict[str, float]:
    """From lesson/<part>/<part>.json: the numbers at its top level, as ``lesson/<part>/<name>``."""
    figures: dict[str, Any] = {}
    for path in sorted(folder.glob("*/*.json")):
        if path.stem == path.parent.name:
            content = read_json(path)
            if isinstance(content, Mapping):
                figures |= {f"lesson/{path.stem}/{name}": value for name, value in content.items()}
    return _numbers(figures)


def audit_figures(audit: Mapping[str, Any]) -> dict[str, float]:
    """From audit/audit.json: ``audit/used`` and the other counts of photos, how many findings there are of each severity, and of
    each finding how many photos it concerns (``audit/near``), 0 where it was not found. Shortcuts count as one, ``audit/shortcuts``.
    """
    found = {finding["key"]: finding["count"] for finding in audit["findings"]}
    shortcuts = [key for key in found if key.startswith("shortcut/")]
    severities = [finding["severity"] for finding in audit["findings"]]
    figures: dict[str, Any] = {**audit["counts"], **dict.fromkeys(_FAULTS, 0)}
    figures |= {key: count for key, count in found.items() if key in _FAULTS}
    figures |= {"shortcuts": len(shortcuts), **{name: severities.count(name) for name in ("stop", "look", "fine")}}
    return _numbers({f"audit/{name}": value for name, value in figures.items()})


def table_figures(table: Any) -> dict[str, float]:
    """From report/table.json: the accuracies of every row, as ``table/<recipe>_<column>``.

    One group, so that they stay together in the chart view and leave the recipes' curves in sight.
    """
    rows = table.get("rows", []) if isinstance(table, Mapping) else table
    figures: dict[str, Any] = {}
    for row in rows:
        name = row.get("recipe")
        if name:
            for column, value in _columns(row, ""):
                if column.startswith(("test_acc", "val_acc")):
                    figures[f"table/{name}_{column}"] = value
    return _numbers(figures)


def _columns(row: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    columns: list[tuple[str, Any]] = []
    for key, value in row.items():
        name = f"{prefix}{key}".replace("/", "_")
        columns += _columns(value, f"{name}_") if isinstance(value, Mapping) else [(name.removesuffix("_value"), value)]
    return columns


def _numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items() if isinstance(value, (int, float)) and not isinstance(value, bool)}
