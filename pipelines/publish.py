"""Bring MLflow level with the files of a dataset: python pipelines/publish.py data=critters. Safe to repeat at any time."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.files.plain import write_json
    from warmstart.tracking.publish import publish
    from warmstart.training.state_folders import forget_finished

    report = publish(place.root, config["data"]["name"], place.dataset)
    logging.getLogger("warmstart").info("%s", report)
    if place.kind == "dvc":
        forget_finished(place.state, "dvc", dataset=config["data"]["name"])
    if config["out_dir"]:
        write_json(
            Path(config["out_dir"]) / "published.json", {"experiment": report.experiment_id, "runs": report.runs}
        )


if __name__ == "__main__":
    app("publish", work)
