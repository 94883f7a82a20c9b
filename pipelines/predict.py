"""Classify photos with a recipe that has finished: python pipelines/predict.py recipe=scratch image=~/photos.

``image`` is a photo or a folder of photos. The answers are printed; with ``out_dir=FOLDER`` they are written there as predictions.csv.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.errors import UserError
    from warmstart.serving.predict_files import predict_files

    if not config["image"]:
        raise UserError("image is not set: give a photo or a folder of photos")
    package = place.dataset / "recipes" / config["recipe"]["name"] / "evaluate" / "package"
    output = place.out / "predictions.csv" if config["out_dir"] else None
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
    predict_files(Path(config["model_dir"] or package), [Path(config["image"])], output=output)


if __name__ == "__main__":
    app("predict", work)
