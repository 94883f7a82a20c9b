"""The pages on which MLflow's runs of a dataset are compared: saved views, kept as tags of the experiment.

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
VIEW_TAG = "mlflow.sharedViewState."  # and the view's key
OURS = "writtenBy"  # a key that MLflow does not read, and drops where a person overwrites the view
KIND_TAG = "mlflow.experimentKind"
TRAINING_KIND = "custom_model_development"  # without it MLflow shows the pages of language models first
CURRENT_TRAININGS = "tags.current = 'true' and tags.kind = 'dvc'"


@dataclass(frozen=True)
class View:
    """A page: which runs it shows and in what order, in MLflow's words for a search, and the columns of its table. key:
    in the address of the page.
    """

    key: str
    name: str
    search: str
    order: str
    columns: tuple[str, ...]

    @property
    def tag(self) -> str:
        """The tag of the experiment that holds it."""
        return VIEW_TAG + self.key


COMPARISON = View(
    "warmstart",
    "From scratch against warm",
    CURRENT_TRAININGS,
    "metrics.`test/acc`",
    (
        *("tags.`recipe`", "tags.`family`", "metrics.`test/acc`", "metrics.`test/acc_low`", "metrics.`test/acc_high`"),
        *("metrics.`time/train_s`", "metrics.`parameters/total`"),
    ),
)
ALL_TRAININGS = View(
    "warmstart-all",
    "All trainings",
    "metrics.`val/acc` >= 0",
    "attributes.start_time",
    (
        *("tags.`recipe`", "tags.`kind`", "metrics.`kept/val_acc`", "metrics.`test/acc`"),
        *("metrics.`time/train_s`", "metrics.`parameters/total`"),
    ),
)
VIEWS = (COMPARISON, ALL_TRAININGS)


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
# Groups of metrics, folded, below the charts; others follow them. By itself MLflow sorts groups by name, `cam` first.
GROUPS = (
    *("train", "smooth/train", "smooth/val", "test", "test_as_trained", "robustness", "kept", "last"),
    *("parameters", "time", "packaged", "cam", "Model metrics"),
)


def is_known_version() -> bool:
    """Whether the installed MLflow reads the view. MLflow itself is not imported, which takes seconds."""
    try:
        return version("mlflow").startswith(tuple(f"{known}." for known in KNOWN_VERSIONS))
    except PackageNotFoundError:
        return False


def view_state(view: View) -> dict[str, object]:
    """What the runs page is to show: filter, order, columns and charts; for all else its defaults."""
    sections = [_section(view.key, view.name, shown=True)]
    sections += [_section(f"{view.key}-{name}", name, shown=False) for name in GROUPS]
    return {
        "searchFilter": view.search,
        "orderByKey": view.order,
        "orderByAsc": False,
        "selectedColumns": view.columns,
        "columnOrder": view.columns,
        "runsHiddenMode": "SHOW_ALL" if view is COMPARISON else "FIRST_20_RUNS",
        "runListHidden": True,  # beside the charts; the legends name the runs
        "compareRunCharts": [_card(chart, view.key) for chart in CHARTS],
        "compareRunSections": sections,
        "isAccordionReordered": True,  # else MLflow would sort the sections by name
    }


def sync_views(experiment: Experiment) -> None:
    """Give the experiment its views and its kind. A view or a kind that a person has changed stays as it is."""
    client, found = experiment.client, experiment.client.get_experiment(experiment.id)
    if KIND_TAG not in found.tags:
        client.set_experiment_tag(experiment.id, KIND_TAG, TRAINING_KIND)
    for view in VIEWS if is_known_version() else ():
        value, there = _envelope(view, found.creation_time or 0), found.tags.get(view.tag)
        if there is None or (there != value and f'"{OURS}"' in there):
            client.set_experiment_tag(experiment.id, view.tag, value)


def _envelope(view: View, created: int) -> str:
    """created: in ms since 1970, by which MLflow sorts views, the last first."""
    state = json.dumps(view_state(view), separators=(",", ":"))
    when = created - VIEWS.index(view)
    return json.dumps({"name": view.name, "createdAt": when, "updatedAt": when, OURS: "warmstart", "state": state})


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


def _card(chart: Chart, section: str) -> dict[str, object]:
    card: dict[str, object] = {
        "uuid": f"{section}-{chart.metric}",
        "type": chart.kind,
        "metricSectionId": section,
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
