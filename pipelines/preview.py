"""Print the configuration of every recipe that a choice would give, as JSON: python pipelines/preview.py data=critters.

Nothing is changed. ``recipes=[scratch]`` names other recipes than those of the dataset.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from _app import command


def preview(words: list[str], here: Path) -> None:
    from _recipes import compose_recipes
    from warmstart.config.data_schema import Data
    from warmstart.config.typed import to_typed
    from warmstart.ingest.checks import check_request

    whole, configs = compose_recipes(words, here)
    check_request(to_typed(Data, whole["data"], "data."))
    json.dump(configs, sys.stdout)


if __name__ == "__main__":
    command(preview)
