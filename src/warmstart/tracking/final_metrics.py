"""The metrics of a whole run: one number each, under the same name for every recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from warmstart.audit.findings import PHOTO_FAULTS, SEVERITIES
from warmstart.evaluation.metric_registry import METRICS
from warmstart.records.audit import AuditReport
from warmstart.records.comparison import ComparisonTable
from warmstart.records.comparison_row import ComparisonRow
from warmstart.records.evaluation import EvaluationMetrics, SplitMetrics
from warmstart.records.history import EpochMetrics
from warmstart.records.interpretation import InterpretationSummary
from warmstart.records.lesson import LessonFigures
from warmstart.records.lr_find import LRSearch
from warmstart.records.prediction_speed import PredictionSpeed
from warmstart.records.robustness import Robustness
from warmstart.records.training_summary import CurveMeans, TrainingSummary

_TABLE_COLUMNS = ("test_accuracy", "val_accuracy")  # how the columns of table.json that are logged begin


def training_metrics(summary: TrainingSummary) -> dict[str, float]:
    """Of summary.json: the kept and the last epoch, parameters, training time (s), speed (images/s) and images seen.

    The metric that keeps the epoch, where it is neither accuracy nor loss, is ``kept/val_auroc`` and so on. A penalty
    that was chosen on validation is ``kept/ridge``. With folds they are of fold 0, whose curves the run shows, but the
    time is of all, and ``folds/mean_val_acc`` and ``folds/mean_val_loss`` are means of all. With several seeds all are
    of the first, and ``seeds/mean_val_acc`` and ``seeds/std_val_acc`` are over all.
    """
    kept, last = summary.kept, summary.last
    metrics = {
        "kept/epoch": summary.kept_epoch,
        "kept/val_acc": kept.val_acc,
        "kept/val_loss": kept.val_loss,
        "last/val_acc": last.val_acc,
        "last/val_loss": last.val_loss,
        "last/train_acc": last.train_acc,
        "last/gap": last.train_acc - last.val_acc,
        "parameters/total": summary.parameters.total,
        "parameters/trainable": summary.parameters.trainable,
        "time/train_s": summary.seconds,
        "time/mean_images_per_s": summary.images_per_s,
        "cost/images_seen": summary.images_seen,
    }
    metrics |= _selection_scores("kept", kept) | _selection_scores("last", last)
    if summary.ridge is not None:
        metrics["kept/ridge"] = summary.ridge
    if summary.mean and summary.std:
        metrics |= {"seeds/mean_val_acc": summary.mean.kept.val_acc, "seeds/std_val_acc": summary.std.val_acc}
    elif summary.mean:
        mean = summary.mean.kept
        metrics |= {"folds/mean_val_acc": mean.val_acc, "folds/mean_val_loss": mean.val_loss}
        metrics |= {key.replace("folds/", "folds/mean_"): one for key, one in _selection_scores("folds", mean).items()}
    return metrics


def _selection_scores(group: str, epoch: EpochMetrics | CurveMeans) -> dict[str, float]:
    """The metric that keeps an epoch, ``kept/val_auroc``; none where that is accuracy or loss."""
    names = [name.replace("/", "_") for name in EpochMetrics.OPTIONAL]
    return {f"{group}/{name}": value for name in names if (value := getattr(epoch, name)) is not None}


def evaluation_metrics(evaluation: EvaluationMetrics) -> dict[str, float]:
    """Of evaluate/metrics.json: ``test/acc``, ``test/acc_low``, ``test/acc_high`` and so on, on ``test/n`` images, for
    each metric of the registry that the images define.

    ``test/…`` is of the packaged model, with its temperature and threshold in ``packaged/…``; ``test_as_trained/…`` is
    of the network as trained. With folds these are of all images out of fold, ``packaged/…`` is of fold 0, and
    ``folds/…`` has the number of folds and their extremes. With several seeds all are of the first, and ``seeds/…`` has
    their number and, of the accuracy, the mean with its interval over seeds, the lowest and the highest.
    """
    metrics: dict[str, float] = {"test/n": evaluation.test.n, "packaged/temperature": evaluation.temperature}
    if evaluation.threshold is not None:
        metrics["packaged/threshold"] = evaluation.threshold
    if folds := [fold.accuracy.value for fold in evaluation.fold_accuracy or ()]:
        extremes = {"folds/lowest_test_acc": min(folds), "folds/highest_test_acc": max(folds)}
        metrics |= {"folds/count": len(folds), **extremes}
    if evaluation.seeds:
        accuracy = evaluation.seeds.test["accuracy"]
        extremes = {"seeds/lowest_test_acc": min(accuracy.values), "seeds/highest_test_acc": max(accuracy.values)}
        metrics |= {
            "seeds/count": len(accuracy.values),
            **extremes,
            **accuracy.mean.seeds.columns("seeds/mean_test_acc"),
        }
    return metrics | _measures("test", evaluation.test) | _measures("test_as_trained", evaluation.as_trained.test)


def prediction_metrics(speed: PredictionSpeed, package: Path) -> dict[str, float]:
    """Of evaluate/speed.json and evaluate/package: ``cost/predict_ms`` an image, with ``_low`` and ``_high`` of the
    fastest and the slowest batch, and ``cost/package_mb``.
    """
    times = {"": speed.seconds_per_image, "_low": speed.seconds_fastest, "_high": speed.seconds_slowest}
    megabytes = sum(path.stat().st_size for path in package.glob("*")) / 1e6
    return {f"cost/predict_ms{end}": 1000 * value for end, value in times.items()} | {"cost/package_mb": megabytes}


def robustness_metrics(robustness: Robustness) -> dict[str, float]:
    """Of evaluate/robustness.json: ``robustness/mean_acc``, the mean accuracy under corruptions, with ``_low`` and
    ``_high``, ``robustness/clean_acc`` on the same images, and ``robustness/jpeg_acc`` and so on, means over
    severities.
    """
    kinds = dict.fromkeys(one.corruption for one in robustness.corrupted)
    means = {kind: [one.accuracy.value for one in robustness.of(kind)] for kind in kinds}
    each = {f"robustness/{kind}_acc": sum(values) / len(values) for kind, values in means.items()}
    whole = robustness.mean.columns("robustness/mean_acc")
    return {**whole, "robustness/clean_acc": robustness.clean.value, "robustness/n": robustness.n, **each}


def interpretation_metrics(summary: InterpretationSummary) -> dict[str, float]:
    """Of interpret/summary.json: scores of the maps, ``cam/<score>``, ``cam/<score>_low`` and ``cam/<score>_high``."""
    metrics: dict[str, float] = {}
    for name, score in (summary.scores.scores if summary.scores else {}).items():
        metrics |= score.columns(f"cam/{name}") if score else {}
    return metrics


def lesson_metrics(folder: Path) -> dict[str, float]:
    """Of lesson/<part>/<part>.json: the numbers at its top level, as ``lesson/<part>/<name>``."""
    metrics: dict[str, float] = {}
    for path in sorted(folder.glob("*/*.json")):
        if path.stem == path.parent.name:
            metrics |= _numbers(f"lesson/{path.stem}/", LessonFigures.read(path).figures)
    return metrics


def lr_search_metrics(search: LRSearch) -> dict[str, float]:
    """Of lr_find/lr_find.json: the rates ``lr_find/steepest``, ``…/safe``, ``…/lowest`` and ``…/configured``."""
    rates = {name: getattr(search, name) for name in ("steepest", "safe", "lowest", "configured")}
    return _numbers("lr_find/", rates)


def audit_metrics(audit: AuditReport) -> dict[str, float]:
    """Of audit/audit.json: counts of photos (``audit/used``), of photos with each fault (``audit/near``), of findings
    of each severity, and of shortcuts.
    """
    counts = {finding.key: finding.count for finding in audit.findings}
    severities: list[str] = [finding.severity for finding in audit.findings]
    numbers: dict[str, object] = {
        **asdict(audit.counts),
        **{key: counts.get(key, 0) for key in PHOTO_FAULTS},
        "shortcuts": sum(key.startswith("shortcut/") for key in counts),
        **{name: severities.count(name) for name in SEVERITIES},
    }
    return _numbers("audit/", numbers)


def comparison_metrics(table: ComparisonTable) -> dict[str, float]:
    """Of report/table.json: the accuracies of every row, as ``table/<recipe>_<column>``, one group of charts, and what
    pretraining and so on are worth, as ``effect/<name>``, with ``_low``, ``_high`` and ``_p``. ``cost/<recipe>_…`` has
    what each recipe costs, that of the recipe it starts from included.
    """
    metrics: dict[str, float] = {}
    for effect in table.verdict.effects:
        metrics |= effect.paired.difference.columns(f"effect/{effect.name}") | {f"effect/{effect.name}_p": effect.p}
    for row in table.rows:
        columns = {name: value for name, value in asdict(row).items() if name.startswith(_TABLE_COLUMNS)}
        metrics |= _numbers(f"table/{row.recipe}_", columns | _selected_columns(row))
        metrics |= _numbers(f"cost/{row.recipe}_", _costs(row)) if row.family else {}
    return metrics


def _selected_columns(row: ComparisonRow) -> dict[str, object]:
    """``test_auroc`` with its interval, and ``val_auroc_kept``, where AUROC chooses; none where accuracy does."""
    ends = {"test_selected": "test_{}", "test_selected_low": "test_{}_low", "test_selected_high": "test_{}_high"}
    columns = {**ends, "val_selected_kept": "val_{}_kept"}
    return {name.format(row.select_by): getattr(row, key) for key, name in columns.items()} if row.select_by else {}


def _costs(row: ComparisonRow) -> dict[str, float | None]:
    return {
        "train_s": row.total_seconds,
        "images_seen": row.images_seen,
        "parameters": row.parameters,
        "trainable": row.trainable,
        "predict_ms": None if row.predict_seconds is None else 1000 * row.predict_seconds,
        "package_mb": None if row.package_bytes is None else row.package_bytes / 1e6,
    }


def _measures(group: str, metrics: SplitMetrics) -> dict[str, float]:
    measured: dict[str, float] = {}
    for key, metric in METRICS.items():
        if interval := metrics.interval(key):
            measured |= interval.columns(f"{group}/{metric.log_name or key}")
    return measured


def _numbers(prefix: str, values: Mapping[str, object]) -> dict[str, float]:
    numbers = {name: value for name, value in values.items() if not isinstance(value, bool)}
    return {f"{prefix}{name}": float(value) for name, value in numbers.items() if isinstance(value, (int, float))}
