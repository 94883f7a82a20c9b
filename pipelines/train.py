"""Train one recipe: python pipelines/train.py recipe=scratch optimizer.lr=1e-3; with -m, a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _app import CHECKOUT, app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import TrainConfig


def work(config: TrainConfig, paths: StagePaths) -> float:
    from _parts import training_parts
    from _watch import start_watching
    from warmstart.inputs.made_with import training_made_with
    from warmstart.training.train_recipe import train

    parts, first = training_parts(config.plain), config.recipe.starts_from
    observer, source = start_watching(config, paths)
    start = config.init_from or (first and paths.recipes / first / "model" / "model.ckpt")
    summary = train(
        config,
        parts,
        images_dir=paths.images,
        features_dir=paths.features,
        out_dir=paths.out,
        state_root=paths.state,
        init_from=Path(start) if start else None,
        source=source,
        observer=observer,
        made_with=training_made_with(CHECKOUT, paths.stage, config.plain, paths.code_digests),
    )
    return (summary.mean or summary).kept.score(config.select_by)


if __name__ == "__main__":
    app("train", work)
