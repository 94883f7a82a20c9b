"""The configurations that a choice of data, options and values would give, without writing anything; a key that there is not is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from _app import CHECKOUT, HERE
from _compose import plain, register_schema
from _door import readable_errors
from warmstart.config.data_schema import Data
from warmstart.config.paths import absolute_paths
from warmstart.config.recipe_list import check_fit
from warmstart.config.typed import to_typed
from warmstart.ingest.checks import check_request


def preview(words: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Recipe → its whole configuration, as plain data, for the recipes of the data or those in the word ``recipes=[…]``.

    words: Hydra's, such as ``data=critters`` and ``schedule.epochs=3``. Raises UserError, naming the key at fault and the near one.
    """
    register_schema()
    configs: dict[str, dict[str, Any]] = {}
    with initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"):
        names: Sequence[str] = ("",)
        while names:
            name, *names = names
            composed = _composed(words, name)
            config = absolute_paths(plain(composed), HERE)
            if not name:  # the first answer says which recipes there are
                names = list(config["recipes"])
                check_request(to_typed(Data, config["data"]))
                continue
            check_fit(config)
            configs[name] = config
    return configs


def _composed(words: Sequence[str], recipe: str) -> DictConfig:
    with readable_errors():
        return compose("config", [*words, *([f"recipe={recipe}"] if recipe else [])])
