"""Look for a learning rate by steps at rising rates: python pipelines/lr_find.py recipe=scratch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import LRFindConfig


def work(config: LRFindConfig, paths: StagePaths) -> None:
    from _parts import training_parts
    from warmstart.drawing.png import save_png
    from warmstart.tracking.publish import publish_lr_search
    from warmstart.training.lr_chart import draw_search
    from warmstart.training.lr_finder import find_learning_rate

    source, init_from = config.recipe.starts_from, config.init_from
    if source and not init_from:
        init_from = str(paths.recipes / source / "model" / "model.ckpt")
    search = find_learning_rate(
        config,
        training_parts(config.plain),
        images_dir=paths.images,
        features_dir=paths.features,
        init_from=Path(init_from) if init_from else None,
    )
    search.write(paths.out / "lr_find.json")
    save_png(draw_search(search), paths.out / "lr_find.png")
    if config.tracking.live:
        publish_lr_search(paths.root, config.data.name, paths.out)


if __name__ == "__main__":
    app("lr_find", work)
