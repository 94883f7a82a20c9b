"""``warmstart predict``: what a recipe's packaged model says of photos."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.result import best_recipe, read_table
from warmstart.config.paths import expand_user
from warmstart.console import warn
from warmstart.errors import UserError

PACKAGE = Path("evaluate/package")


def predict(args: Namespace) -> int:
    """Print or write the answers. Raises UserError, also where no photo could be read."""
    checkout = find_checkout()
    name = args.name or str(checkout.panel().get("data"))
    package = find_package(checkout, name, args.recipe)
    from warmstart.serving.stage import predict_files

    predict_files(package, [Path(expand_user(photo)) for photo in args.photos], args.format, args.output)
    return 0


def find_package(checkout: Checkout, name: str, recipe: str) -> Path:
    """The packaged model of a recipe that has finished. Raises UserError, naming those that have."""
    recipes = checkout.dataset(name) / "recipes"
    ready = sorted(path.parents[2].name for path in recipes.glob(f"*/{PACKAGE}/model.json"))
    if recipe == "best" and ready:
        recipe = best_recipe(read_table(checkout, name))
        warn(f"best: {recipe}")
    if recipe not in ready:
        have = f"those that have are {', '.join(ready)}, or best" if ready else "none has yet: `warmstart run FOLDER`"
        raise UserError(f"{recipe} has not finished on {name}; {have}")
    return recipes / recipe / PACKAGE
