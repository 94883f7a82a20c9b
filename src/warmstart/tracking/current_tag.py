"""The tag ``current``: on one run a recipe, the one whose files lie in artifacts/; superseded runs stay, without it."""

from __future__ import annotations

from mlflow.entities import ViewType
from mlflow.tracking.client import MlflowClient

TAG = "current"


def set_current(client: MlflowClient, experiment_id: str, run_id: str, recipe: str) -> list[str]:
    """Give the tag to this run and take it from every other run of the recipe; call it under `store_lock`.

    Returns the ids of the runs that lost it.
    """
    holders = client.search_runs([experiment_id], f"tags.`recipe` = '{recipe}' and tags.`{TAG}` = 'true'", ViewType.ALL)
    lost = [run.info.run_id for run in holders if run.info.run_id != run_id]
    for other in lost:
        _delete(client, other)
    if len(lost) == len(holders):
        client.set_tag(run_id, TAG, "true")
    return lost


def unset_current(client: MlflowClient, run_id: str) -> None:
    """Take the tag from this run, if it has it."""
    if TAG in client.get_run(run_id).data.tags:
        _delete(client, run_id)


def _delete(client: MlflowClient, run_id: str) -> None:
    run = client.get_run(run_id)
    deleted = run.info.lifecycle_stage == "deleted"
    if deleted:  # MLflow refuses to change a deleted run, and a person who restores it must not get two current ones
        client.restore_run(run_id)
    client.delete_tag(run_id, TAG)
    if deleted:
        client.delete_run(run_id)
