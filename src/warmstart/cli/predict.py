"""``warmstart predict``: what a recipe's packaged model says of photos."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from warmstart.cli import messages
from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.report import read_table
from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.records.images import PreparedImages
from warmstart.records.packaged_model import PackagedModel
from warmstart.runtime.console import warn
from warmstart.text.near_names import did_you_mean

PACKAGE = Path("evaluate/package")


def predict(args: Namespace) -> int:
    """Print or write the answers. Raises UserError, also where no photo could be read."""
    checkout = find_checkout()
    package = find_package(checkout, args.name or checkout.current_dataset(), args.recipe)
    warn_if_outdated(package)
    from warmstart.serving.predict_files import predict_files

    output, page = (Path(expand_user(file)) if file else None for file in (args.output, args.page))
    photos = [Path(expand_user(photo)) for photo in args.photos]
    predict_files(package, photos, args.format, output, args.sort, page)
    return 0


def find_package(checkout: Checkout, name: str, recipe: str) -> Path:
    """The packaged model of a recipe that has finished. Raises UserError, saying what there is in its place."""
    ready = finished_recipes(checkout, name)
    if not ready:
        folders = checkout.root.glob("artifacts/*/")
        others = sorted(path.name for path in folders if finished_recipes(checkout, path.name))
        exists = name in checkout.options() or checkout.dataset(name).is_dir()
        what = f"no recipe has finished on {name} yet" if exists else f"there is no dataset {name}"
        have = (
            f"recipes have finished on {', '.join(others)} (--name)" if others else "`warmstart run FOLDER` trains some"
        )
        raise UserError(f"{what}; {'' if exists else did_you_mean(name, others, ' ')}{have}")
    if recipe == "best":
        recipe = read_table(checkout, name).verdict.recommended
        warn(f"best: {recipe}, trained on {name}")
    if recipe not in ready:
        known = set(checkout.recipes())
        what = f"{recipe} has not finished on {name}" if recipe in known else f"there is no recipe {recipe}"
        near = "" if recipe in known else did_you_mean(recipe, {*known, "best"}, " ")
        raise UserError(f"{what}; {near}those that have finished are {', '.join(ready)}, or best")
    return checkout.dataset(name) / "recipes" / recipe / PACKAGE


def warn_if_outdated(package: Path) -> None:
    """Say so where a packaged model was trained on other photos than those that are prepared."""
    recipe = package.parents[1]
    images = recipe.parents[1] / "images" / "meta.json"
    trained = PackagedModel.read(package / "model.json").meta.dataset_digest
    if images.exists() and trained not in (None, PreparedImages.read(images).digest):
        warn(messages.OUTDATED.format(recipe=recipe.name))


def finished_recipes(checkout: Checkout, name: str) -> list[str]:
    """The recipes of a dataset that have a packaged model, sorted."""
    return sorted(path.parents[2].name for path in (checkout.dataset(name) / "recipes").glob(f"*/{PACKAGE}/model.json"))
