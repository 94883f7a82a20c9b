"""Train one recipe: python pipelines/train.py recipe=scratch optimizer.lr=1e-3; with -m, a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from _app import CHECKOUT, Place, app


def work(config: dict[str, Any], place: Place, stage: str = "train") -> float:
    from _watch import start_watching
    from warmstart.ingest.check_prepared import check_prepared

    check_prepared(config["data"], place.images)
    observer, run = start_watching(config, place, stage)  # first: MLflow's import takes the other core meanwhile
    from warmstart.config.stages import stage_config
    from warmstart.inputs.made_with import training_made_with
    from warmstart.training.train_recipe import RunSource, train

    source, init_from = config["recipe"]["starts_from"], config["init_from"]
    if source and not init_from:
        init_from = place.dataset / "recipes" / source / "model" / "model.ckpt"
    typed = stage_config(stage, config)
    summary = train(
        typed,
        images_dir=place.images,
        features_dir=place.features,
        out_dir=place.out,
        state_root=place.state,
        init_from=Path(init_from) if init_from else None,
        source=RunSource(**run),
        observer=observer,
        made_with=training_made_with(CHECKOUT, stage, typed, place.root / "artifacts/.digests/.code"),
    )
    return (summary.mean or summary).kept.val_acc


if __name__ == "__main__":
    app("model", work)
