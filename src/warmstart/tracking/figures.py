"""The figures that a run ends with: one number each, under the same name for every recipe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warmstart.files.plain import read_json

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
_ACCURACIES = ("test_accuracy", "val_accuracy")  # how the table's columns of them begin
_ENDS = (("value", ""), ("low", "_low"), ("high", "_high"))
_MEASURES = {"accuracy": "acc", "loss": "loss", "auroc": "auroc", "ece": "ece"}


def training_figures(summary: Mapping[str, Any]) -> dict[str, float]:
    """From summary.json: the kept and the last epoch, parameters, training time (s) and speed (images/s); with folds, of
    fold 0, whose curves the run shows, but the time of all, and ``folds/mean_val_acc`` and ``folds/mean_val_loss`` over all.
    Nothing while there is no summary ({}).
    """
    if not summary:
        return {}
    kept, last, parameters = summary["kept"], summary["last"], summary["parameters"]
    figures = {
        "kept/epoch": summary["kept_epoch"],
        "kept/val_acc": kept["val/acc"],
        "kept/val_loss": kept["val/loss"],
        "last/val_acc": last["val/acc"],
        "last/val_loss": last["val/loss"],
        "last/train_acc": last["train/acc"],
        "last/gap": last["train/acc"] - last["val/acc"],
        "parameters/total": parameters["total"],
        "parameters/trainable": parameters["trainable"],
        "time/train_s": summary["seconds"],
        "time/mean_images_per_s": summary["images_per_s"],
    }
    if "mean" in summary:
        mean = summary["mean"]["kept"]
        figures |= {"folds/mean_val_acc": mean["val/acc"], "folds/mean_val_loss": mean["val/loss"]}
    return _numbers(figures)


def evaluation_figures(metrics: Mapping[str, Any]) -> dict[str, float]:
    """From evaluate/metrics.json: ``test/acc``, ``test/acc_low``, ``test/acc_high`` and so on, of the packaged model with the
    temperature and threshold in ``packaged/…``; the same of the network as it was trained in ``test_as_trained/…``; ``test/n`` images.

    With folds these are of all images out of fold, and ``folds/…`` says how many folds there are and their extremes; ``packaged/…``
    is of fold 0. Nothing of an evaluation that is missing ({}) or of an earlier version, which says nothing of the packaged model.
    """
    if "as_trained" not in metrics:
        return {}
    test = metrics["test"]
    figures: dict[str, Any] = {"test/n": test["n"]}
    figures |= {f"packaged/{name}": metrics[name] for name in ("temperature", "threshold")}
    folds = [fold["accuracy"]["value"] for fold in metrics.get("fold_accuracy", ())]
    if folds:
        figures |= {
            "folds/count": len(folds),
            "folds/lowest_test_acc": min(folds),
            "folds/highest_test_acc": max(folds),
        }
    for group, block in (("test", test), ("test_as_trained", metrics["as_trained"]["test"])):
        for measure, name in _MEASURES.items():
            if block[measure]:  # more than two classes have no AUROC
                figures |= {f"{group}/{name}{end}": block[measure][key] for key, end in _ENDS}
    return _numbers(figures)


def interpretation_figures(summary: Mapping[str, Any]) -> dict[str, float]:
    """From interpret/summary.json: the scores of the maps, as ``cam/<score>``, ``cam/<score>_low``, ``cam/<score>_high``."""
    scores = summary.get("scores") or {}
    figures: dict[str, Any] = {}
    for name, score in scores.items():
        if isinstance(score, Mapping):
            figures |= {f"cam/{name}{end}": score.get(key) for key, end in _ENDS}
    return _numbers(figures)


def lesson_figures(folder: Path) -> dict[str, float]:
    """From lesson/<part>/<part>.json: the numbers at its top level, as ``lesson/<part>/<name>``."""
    figures: dict[str, Any] = {}
    for path in sorted(folder.glob("*/*.json")):
        if path.stem == path.parent.name:
            content = read_json(path, kind=object)
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


def table_figures(table: Mapping[str, Any]) -> dict[str, float]:
    """From report/table.json: the accuracies of every row, as ``table/<recipe>_<column>``.

    One group, so that they stay together in the chart view and leave the recipes' curves in sight.
    """
    cells = [(row["recipe"], column, value) for row in table["rows"] for column, value in row.items()]
    return _numbers(
        {f"table/{recipe}_{column}": value for recipe, column, value in cells if column.startswith(_ACCURACIES)}
    )


def _numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in figures.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
