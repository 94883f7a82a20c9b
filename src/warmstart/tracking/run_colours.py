"""The colours of the recipes in MLflow's charts: cool for training from scratch, warm for a pretrained network."""

from __future__ import annotations

from warmstart.tracking.saved_view import CURRENT_TRAININGS
from warmstart.tracking.store import Experiment

COLOUR_TAG = "mlflow.runColor"
SHADES = {
    "scratch": ("#0072B2", "#56B4E9", "#009E73", "#4B3F9E", "#6B7F94", "#7BC8A4"),
    "transfer": ("#D55E00", "#E69F00", "#CC79A7", "#8C1D18", "#B8860B", "#F28E7C"),
}
_MAX_RUNS = 1000


def sync_colours(experiment: Experiment) -> None:
    """Give every current training without a colour the next free one of its family. Those that a person chose stay."""
    client = experiment.client
    runs = client.search_runs([experiment.id], CURRENT_TRAININGS, max_results=_MAX_RUNS)
    taken = {run.data.tags[COLOUR_TAG] for run in runs if COLOUR_TAG in run.data.tags}
    for run in sorted(runs, key=lambda run: str(run.data.tags["recipe"])):
        shades = SHADES.get(run.data.tags.get("family", ""), ())
        if shades and COLOUR_TAG not in run.data.tags:
            shade = next((shade for shade in shades if shade not in taken), shades[0])
            client.set_tag(run.info.run_id, COLOUR_TAG, shade)
            taken.add(shade)
