"""Choose the dataset that `dvc repro` runs, with the recipes that fit it: python pipelines/choose.py data=digits.

Writes `data` and `recipes` into params.yaml; `recipes=[dense,convnet]` names other recipes than the dataset's own list. Values that
params.yaml lists can be set with it: `set.data.folder=null`.
"""

from __future__ import annotations

import logging
import sys

from _app import CHECKOUT, prepare_process


def main() -> None:
    from _edit_panel import edit_panel, read_value
    from _resolve import choice
    from warmstart.errors import UserError
    from warmstart.runtime.console import exit_on_user_error

    with exit_on_user_error():
        prepare_process()
        values = dict(
            text.split("=", 1) for text in sys.argv[1:] if text.startswith(("set.", "experiment=")) and "=" in text
        )
        overrides = [text for text in sys.argv[1:] if text.partition("=")[0] not in values]
        if not any(text.startswith("data=") for text in overrides) or any(
            not text.startswith(("data=", "recipes=")) for text in overrides
        ):
            raise UserError(
                "usage: python pipelines/choose.py data=<an option of conf/data> [recipes=[…]]; other values go below set: in params.yaml"
            )
        data, recipes = choice(overrides)
        edit_panel(
            CHECKOUT / "params.yaml", data, recipes, {key: read_value(key, text) for key, text in values.items()}
        )
        logging.getLogger("warmstart").info(
            "params.yaml now runs %s on %s: go on with `dvc repro`", ", ".join(recipes), data
        )


if __name__ == "__main__":
    main()
