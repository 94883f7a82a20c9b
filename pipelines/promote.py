"""Make a recipe for `dvc repro` of the best job of a sweep: python pipelines/promote.py SWEEP_FOLDER [name=NAME].

Writes conf/recipe/NAME.yaml and its line in params.yaml. Of several recipes, `recipe=RECIPE` says of which.
"""

from __future__ import annotations

from pathlib import Path

from _app import command

USAGE = "usage: python pipelines/promote.py SWEEP_FOLDER [name=NAME] [recipe=RECIPE]"


def promote_job(words: list[str], here: Path) -> None:
    from _promotion import promote
    from warmstart.config.paths import expand_user
    from warmstart.errors import UserError
    from warmstart.runtime.console import say

    folder, *options = words or [""]
    given = dict(word.partition("=")[::2] for word in options)
    if not folder or set(given) - {"name", "recipe"}:
        raise UserError(USAGE)
    name, origin = promote(here / expand_user(folder), given.get("name"), given.get("recipe"))
    say(f"conf/recipe/{name}.yaml: {origin}\nparams.yaml now runs {name} too: go on with `dvc repro`")


if __name__ == "__main__":
    command(promote_job)
