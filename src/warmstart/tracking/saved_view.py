"""The page on which MLflow's runs of a dataset are compared: a saved view, kept as a tag of the experiment.

MLflow does not document the format. It is that of its runs page (``useSharedExperimentViewState.ts``), known for the
versions of `KNOWN_VERSIONS`; under another one nothing is written, and nobody is sent there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warmstart.tracking.store import Experiment

KNOWN_VERSIONS = ("3.17",)
NAME = "From scratch against warm"
KEY = "warmstart"  # in the address of the page
VIEW_TAG = f"mlflow.sharedViewState.{KEY}"
OURS = "writtenBy"  # a key that MLflow does not read, and drops where a person overwrites the view
KIND_TAG = "mlflow.experimentKind"
TRAINING_KIND = "custom_model_development"  # without it MLflow shows the pages of language models first
CURRENT_TRAININGS = "tags.current = 'true' and tags.kind = 'dvc'"


@dataclass(frozen=True)
class Chart:
    """A chart of all runs. kind: ``LINE``, by epoch, or ``BAR``, the last value."""

    metric: str
    kind: str


CHARTS = (
    Chart("val/acc", "LINE"),
    Chart("val/loss", "LINE"),
    Chart("test/acc", "BAR"),
    Chart("time/train_s", "BAR"),
)
COLUMNS = (
    *(("tags", name) for name in ("recipe", "family")),
    *(("metrics", name) for name in ("test/acc", "test/acc_low", "test/acc_high", "time/train_s", "parameters/total")),
)
# Groups of metrics, folded, below the charts; others follow them. By itself MLflow sorts groups by name, `cam` first.
GROUPS = (
    *("train", "smooth/train", "smooth/val", "test", "test_as_trained", "kept", "last"),
    *("parameters", "time", "packaged", "cam", "Model metrics"),
)


def is_known_version() -> bool:
    """Whether the installed MLflow reads the view. MLflow itself is not imported, which takes seconds."""
    try:
        return version("mlflow").startswith(tuple(f"{known}." for known in KNOWN_VERSIONS))
    except PackageNotFoundError:
        return False


def view_state() -> dict[str, object]:
    """What the runs page is to show: filter, order, columns and charts; for all else its defaults."""
    columns = [f"{group}.`{name}`" for group, name in COLUMNS]
    sections = [_section(KEY, NAME, shown=True), *(_section(f"{KEY}-{name}", name, shown=False) for name in GROUPS)]
    return {
        "searchFilter": CURRENT_TRAININGS,
        "orderByKey": "metrics.`test/acc`",
        "orderByAsc": False,
        "selectedColumns": columns,
        "columnOrder": columns,
        "runsHiddenMode": "SHOW_ALL",
        "runListHidden": True,  # beside the charts; the legends name the runs
        "compareRunCharts": [_card(chart) for chart in CHARTS],
        "compareRunSections": sections,
        "isAccordionReordered": True,  # else MLflow would sort the sections by name
    }


def sync_view(experiment: Experiment) -> None:
    """Give the experiment its view and its kind. A view or a kind that a person has changed stays as it is."""
    client, found = experiment.client, experiment.client.get_experiment(experiment.id)
    if KIND_TAG not in found.tags:
        client.set_experiment_tag(experiment.id, KIND_TAG, TRAINING_KIND)
    if not is_known_version():
        return
    value, there = _envelope(found.creation_time or 0), found.tags.get(VIEW_TAG)
    if there is None or (there != value and f'"{OURS}"' in there):
        client.set_experiment_tag(experiment.id, VIEW_TAG, value)


def _envelope(created: int) -> str:
    """created: in ms since 1970, by which MLflow sorts views."""
    state = json.dumps(view_state(), separators=(",", ":"))
    return json.dumps({"name": NAME, "createdAt": created, "updatedAt": created, OURS: KEY, "state": state})


def _section(key: str, name: str, *, shown: bool) -> dict[str, object]:
    return {
        "uuid": key,
        "name": name,
        "display": shown,
        "isReordered": shown,
        "deleted": False,
        "isGenerated": not shown,
        "columns": 2,
    }


def _card(chart: Chart) -> dict[str, object]:
    card: dict[str, object] = {
        "uuid": f"{KEY}-{chart.metric}",
        "type": chart.kind,
        "metricSectionId": KEY,
        "metricKey": chart.metric,
        "runsCountToCompare": 100,
        "deleted": False,
        "isGenerated": False,
    }
    if chart.kind == "LINE":
        card |= {
            "xAxisKey": "step",
            "yAxisKey": "metric",
            "xAxisScaleType": "linear",
            "scaleType": "linear",
            "lineSmoothness": 0,
            "useGlobalXaxisKey": False,
            "useGlobalLineSmoothing": True,
            "range": {},
        }
    return card
