"""Show what a trained recipe learned and where it looks: python pipelines/interpret.py recipe=scratch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.config.schema import Interpret
    from warmstart.ingest.check_prepared import check_prepared
    from warmstart.interpretation.interpret import interpret

    check_prepared(config["data"], place.images)
    recipe = place.dataset / "recipes" / config["recipe"]["name"]
    model = Path(config["model_dir"] or recipe / "model")
    evaluation = model.parent / "evaluate"
    interpret(model, place.images, evaluation, place.out, Interpret(**config["interpret"]))


if __name__ == "__main__":
    app("interpret", work)
