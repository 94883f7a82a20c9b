"""Choose the dataset that `dvc repro` runs, with the recipes that fit it: python pipelines/choose.py data=digits.

Writes `data` and `recipes` into params.yaml; `recipes=[dense,convnet]` names other recipes than the dataset's own list.
Values that params.yaml lists can be set with it: `set.data.folder=null`.
"""

from __future__ import annotations

import logging
from pathlib import Path

from _app import CHECKOUT, command

USAGE = (
    "usage: python pipelines/choose.py data=<an option of conf/data> [recipes=[…]]; "
    "other values go below set: in params.yaml"
)


def choose(words: list[str], here: Path) -> None:
    from _recipes import choose_recipes
    from warmstart.config.params import edit_params, read_value
    from warmstart.errors import UserError

    settable = ("set.", "experiment=", "learning_curve=")
    values = dict(word.split("=", 1) for word in words if word.startswith(settable) and "=" in word)
    overrides = [word for word in words if word.partition("=")[0] not in values]
    keys = {word.partition("=")[0] for word in overrides if "=" in word}
    if "data" not in keys or keys - {"data", "recipes"} or any("=" not in word for word in overrides):
        raise UserError(USAGE)
    data, recipes = choose_recipes(overrides)
    edit_params(CHECKOUT / "params.yaml", data, recipes, {key: read_value(key, text) for key, text in values.items()})
    text = f"params.yaml now runs {', '.join(recipes)} on {data}: go on with `dvc repro`"
    logging.getLogger("warmstart").info("%s", text)


if __name__ == "__main__":
    command(choose)
