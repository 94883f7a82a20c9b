"""Compose conf/ and params.yaml into one resolved file per recipe and stage, which is what DVC watches."""

from __future__ import annotations

import logging
from pathlib import Path

from _app import CHECKOUT, command, user_root

UNUSUAL = (
    "none of the recipes in params.yaml is one that %s usually runs (%s): "
    "`python pipelines/choose.py data=%s` writes those"
)


def compose(words: list[str], here: Path) -> None:
    from _recipes import compose_params
    from warmstart.config.inputs import check_named
    from warmstart.config.params import read_params
    from warmstart.config.write_views import write_views
    from warmstart.errors import UserError

    if words:
        raise UserError(f"compose takes no words ({' '.join(words)}): it composes what params.yaml says")
    params = read_params(CHECKOUT / "params.yaml")
    configs = compose_params(params, user_root())
    check_named(configs.values(), CHECKOUT)
    usual = next(iter(configs.values()))["recipes"]
    if not set(usual) & set(params.recipes):
        logging.getLogger("warmstart").warning(UNUSUAL, params.data, ", ".join(usual), params.data)
    write_views(CHECKOUT / "artifacts" / params.data / "conf", configs, params.recipes, params.learning_curve)


if __name__ == "__main__":
    command(compose)
