"""Measure a trained recipe on validation and test images: python pipelines/evaluate.py recipe=scratch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> float:
    from warmstart.evaluation.stage import evaluate
    from warmstart.ingest.check_prepared import check_prepared
    from warmstart.training.state_folders import forget_finished

    check_prepared(config["data"], place.images)
    model = config["model_dir"] or place.dataset / "recipes" / config["recipe"]["name"] / "model"
    metrics = evaluate(config, model_dir=Path(model), images_dir=place.images, out_dir=place.out)
    if place.kind == "dvc":  # which has noted the training's result by now
        forget_finished(place.state, "dvc", dataset=config["data"]["name"], recipe=config["recipe"]["name"])
    return float(metrics["val"]["accuracy"]["value"])


if __name__ == "__main__":
    app("evaluate", work)
