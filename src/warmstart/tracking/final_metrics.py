"""The metrics of a whole run: one number each, under the same name for every recipe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warmstart.audit.findings import PHOTO_FAULTS, SEVERITIES
from warmstart.files.plain import read_json

_TABLE_COLUMNS = ("test_accuracy", "val_accuracy")  # how the columns of table.json that are logged begin
_BOUNDS = {"value": "", "low": "_low", "high": "_high"}
_MEASURES = {"accuracy": "acc", "loss": "loss", "auroc": "auroc", "ece": "ece"}


def training_metrics(summary: Mapping[str, Any]) -> dict[str, float]:
    """Of summary.json: the kept and the last epoch, parameters, training time (s) and speed (images/s).

    With folds they are of fold 0, whose curves the run shows, but the time is of all, and ``folds/mean_val_acc`` and
    ``folds/mean_val_loss`` are means of all. Empty while there is no summary ({}).
    """
    if not summary:
        return {}
    kept, last, parameters = summary["kept"], summary["last"], summary["parameters"]
    metrics = {
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
        metrics |= {"folds/mean_val_acc": mean["val/acc"], "folds/mean_val_loss": mean["val/loss"]}
    return _numbers(metrics)


def evaluation_metrics(evaluation: Mapping[str, Any]) -> dict[str, float]:
    """Of evaluate/metrics.json: ``test/acc``, ``test/acc_low``, ``test/acc_high`` and so on, on ``test/n`` images.

    ``test/…`` is of the packaged model, with its temperature and threshold in ``packaged/…``; ``test_as_trained/…`` is of
    the network as trained. With folds these are of all images out of fold, ``packaged/…`` is of fold 0, and ``folds/…``
    has the number of folds and their extremes. Empty where there is no evaluation ({}), or one of an earlier version,
    which measured something else.
    """
    if "as_trained" not in evaluation:
        return {}
    metrics: dict[str, Any] = {"test/n": evaluation["test"]["n"]}
    metrics |= {f"packaged/{name}": evaluation[name] for name in ("temperature", "threshold")}
    if folds := [fold["accuracy"]["value"] for fold in evaluation.get("fold_accuracy", ())]:
        metrics |= {
            "folds/count": len(folds),
            "folds/lowest_test_acc": min(folds),
            "folds/highest_test_acc": max(folds),
        }
    for group, block in (("test", evaluation["test"]), ("test_as_trained", evaluation["as_trained"]["test"])):
        for measure, name in _MEASURES.items():
            if block[measure]:  # more than two classes have no AUROC
                metrics |= _interval(f"{group}/{name}", block[measure])
    return _numbers(metrics)


def interpretation_metrics(summary: Mapping[str, Any]) -> dict[str, float]:
    """Of interpret/summary.json: the scores of the maps, as ``cam/<score>``, ``cam/<score>_low``, ``cam/<score>_high``."""
    metrics: dict[str, Any] = {}
    for name, score in (summary.get("scores") or {}).items():
        if isinstance(score, Mapping):
            metrics |= _interval(f"cam/{name}", score)
    return _numbers(metrics)


def lesson_metrics(folder: Path) -> dict[str, float]:
    """Of lesson/<part>/<part>.json: the numbers at its top level, as ``lesson/<part>/<name>``."""
    metrics: dict[str, Any] = {}
    for path in sorted(folder.glob("*/*.json")):
        if path.stem == path.parent.name:
            content = read_json(path, kind=object)
            if isinstance(content, Mapping):
                metrics |= {f"lesson/{path.stem}/{name}": value for name, value in content.items()}
    return _numbers(metrics)


def audit_metrics(audit: Mapping[str, Any]) -> dict[str, float]:
    """Of audit/audit.json: ``audit/used`` and the other counts of photos, and the number of findings of each severity.

    Each fault of photos is the number of photos that have it (``audit/near``), 0 where none has. Shortcuts count as one
    each, in ``audit/shortcuts``.
    """
    counts = {finding["key"]: finding["count"] for finding in audit["findings"]}
    severities = [finding["severity"] for finding in audit["findings"]]
    metrics = {
        **audit["counts"],
        **{key: counts.get(key, 0) for key in PHOTO_FAULTS},
        "shortcuts": sum(key.startswith("shortcut/") for key in counts),
        **{name: severities.count(name) for name in SEVERITIES},
    }
    return _numbers({f"audit/{name}": value for name, value in metrics.items()})


def comparison_metrics(table: Mapping[str, Any]) -> dict[str, float]:
    """Of report/table.json: the accuracies of every row, as ``table/<recipe>_<column>``.

    One group, so that they stay together in MLflow's charts and the recipes' curves remain in sight.
    """
    return _numbers(
        {
            f"table/{row['recipe']}_{column}": value
            for row in table["rows"]
            for column, value in row.items()
            if column.startswith(_TABLE_COLUMNS)
        }
    )


def _interval(name: str, measure: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}{suffix}": measure.get(key) for key, suffix in _BOUNDS.items()}


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
