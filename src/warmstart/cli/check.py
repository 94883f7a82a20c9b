"""``warmstart check``: what is in the photos, what is wrong with them, and what training on them will take."""

from __future__ import annotations

import shlex
from argparse import Namespace

from warmstart.cli import messages
from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.costs import Costs, estimate_costs
from warmstart.cli.messages import as_options
from warmstart.cli.option import Option, option_of
from warmstart.cli.photo_check import PhotoCheck, check_photos
from warmstart.cli.recipes import Configs, by_cost, compose_configs, on_features
from warmstart.cli.restore import no_empty_folder
from warmstart.cli.settings import params_status
from warmstart.cli.speed import image_side, load_note, measure_extraction, measure_speeds
from warmstart.config.schema import Recipe
from warmstart.files.plain import free_space
from warmstart.runtime.console import say
from warmstart.runtime.interrupts import listening
from warmstart.text.file_sizes import format_bytes
from warmstart.text.quantities import format_duration, plural


def check(args: Namespace) -> int:
    """Do it; 0 where the photos can be trained on, 1 where they cannot yet. Raises UserError where there are none."""
    checkout = find_checkout()
    source, option = option_of(args, checkout)
    configs = compose_configs(checkout, option.set(params_status(checkout, option.name).settings).overrides)
    load, folder = load_note(), checkout.dataset(option.name) / "check"  # the load before this command adds to it
    say(f"{option.name}: {source.describe()}")
    with listening(), no_empty_folder(folder.parent):
        photos = check_photos(next(iter(configs.values())).data, folder, max(map(image_side, configs.values())))
    page = checkout.short(folder / "audit" / "index.html")
    say("\n".join(["", *map(as_options, photos.audit_lines), f"page with pictures: {page}", ""]))
    if photos.reasons:
        say("\n".join([messages.NOT_READY, *(f"  {as_options(reason)}" for reason in photos.reasons)]))
        return 1
    train, val, test = photos.counts
    in_folds = f", in each of {photos.folds} folds" if photos.folds > 1 else ""
    say(messages.READY.format(train=train, val=val, test=test, in_folds=in_folds))
    recipes = by_cost(configs)
    _say_costs(_costs(recipes, configs, photos), checkout, option, load)
    say(f"\nnext: {shlex.join(['warmstart', 'run', *args.words])}")
    return 0


def _costs(recipes: list[Recipe], configs: Configs, photos: PhotoCheck) -> Costs:
    cached = {image_side(configs[recipe.name]): configs[recipe.name] for recipe in recipes if on_features(recipe)}
    extraction = sum(measure_extraction(config, photos.classes) for config in cached.values())
    return estimate_costs(recipes, configs, photos, measure_speeds(configs, photos.classes), extraction)


def _say_costs(costs: Costs, checkout: Checkout, option: Option, load: str) -> None:
    at_most = "at most " if costs.patience else ""
    first, total = format_duration(costs.first), format_duration(costs.total)
    say(messages.TIME.format(first=first, total=total, at_most=at_most))
    say("  " + ", ".join(f"{name} {format_duration(seconds)}" for name, seconds in costs.recipes.items()))
    if costs.patience:
        say(messages.STOPS_EARLY.format(epochs=plural(max(costs.patience.values()), "epoch")))
    if load:
        say(f"  {load}")
    _, free = free_space(checkout.dataset(option.name))
    needed = {"needed": format_bytes(costs.disk), "name": option.name, "free": format_bytes(free)}
    say((messages.DISK_SCARCE if free < costs.disk else messages.DISK).format(**needed))
