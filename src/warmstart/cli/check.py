"""``warmstart check``: what is in the photos, what is wrong with them, and what training on them will take."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.cost import Costs, expected
from warmstart.cli.look import Looked, look_at
from warmstart.cli.option import Option, choose_option
from warmstart.cli.panel import panel_settings, standing
from warmstart.cli.recipes import Recipe, by_cost
from warmstart.cli.resolve import first_of, resolve
from warmstart.cli.restore import no_empty_folder
from warmstart.cli.run import remembered_line
from warmstart.cli.settings import read_settings
from warmstart.cli.source import find_source
from warmstart.cli.speed import busy, measure_extraction, measure_speeds
from warmstart.cli.words import own_words
from warmstart.files.plain import free_space
from warmstart.runtime.console import say
from warmstart.runtime.interrupts import listening
from warmstart.runtime.progress import spell_epochs, spell_seconds
from warmstart.text.file_sizes import format_bytes


def check(args: Namespace) -> int:
    """Do it; 0 where the photos can be trained on, 1 where they cannot yet. Raises UserError where there is nothing to look at."""
    checkout = find_checkout()
    source = find_source(args.source, checkout)
    option = choose_option(
        checkout, source, args.name, read_settings(checkout, args.set, args.size, args.folds), fresh=args.fresh
    )
    if option.remembered:
        say(remembered_line(option))
    configs = resolve(checkout, option.set(panel_settings(standing(checkout, option.name).kept)).overrides)
    # Asked before this command makes the machine busy itself.
    others, folder = busy(), checkout.dataset(option.name) / "check"
    say(f"{option.name}: {source.describe()}")
    with listening(), no_empty_folder(folder.parent):
        looked = look_at(first_of(configs)["data"], folder)
    say()
    for line in looked.lines:
        say(own_words(line))
    say(f"page with pictures: {checkout.short(folder / 'audit' / 'index.html')}")
    say()
    if not looked.trainable:
        say("not ready to be trained on:")
        for reason in looked.reasons:
            say(f"  {own_words(reason)}")
        return 1
    train, val, test = looked.counts
    split = f"{train:,} photos for training, {val:,} for validation and {test:,} for testing"
    say(f"ready to be trained on: {split}" + (f", in each of {looked.folds} folds" if looked.folds > 1 else ""))
    recipes = by_cost(checkout, list(configs))
    _say_cost(_costs(recipes, configs, looked), checkout, option, looked, others)
    say(f"\nnext: {shlex.join(['warmstart', 'run', args.source, *_words(args)])}")
    return 0


def _costs(recipes: list[Recipe], configs: Mapping[str, dict[str, Any]], looked: Looked) -> Costs:
    cached = next((configs[recipe.name] for recipe in recipes if recipe.on_features), None)
    extraction = measure_extraction(cached, looked.classes) if cached else 0.0
    return expected(recipes, configs, looked, measure_speeds(configs, looked.classes), extraction)


def _say_cost(costs: Costs, checkout: Checkout, option: Option, looked: Looked, others: str) -> None:
    most = "at most " if costs.patience else ""
    say(
        f"time: about {spell_seconds(costs.first)} to the quick answer, {most}about {spell_seconds(costs.total)} for all recipes on this machine"
    )
    say("  " + ", ".join(f"{name} {spell_seconds(seconds)}" for name, seconds in costs.recipes.items()))
    if costs.patience:
        say(
            f"  less where a training stops early: when the validation loss has not fallen for {spell_epochs(max(costs.patience.values()))}"
        )
    if others:
        say(f"  {others}")
    _, free = free_space(checkout.dataset(option.name))
    scarce = "; that is too little" if free < costs.disk else ""
    say(f"disk: about {format_bytes(costs.disk)} below artifacts/{option.name}; {format_bytes(free)} are free{scarce}")


def _words(args: Namespace) -> list[str]:
    """The options that belong to the photos, as they were given."""
    given = [
        ("--name", args.name),
        ("--size", args.size),
        ("--folds", args.folds),
        *(("--set", pair) for pair in args.set),
    ]
    words = [word for key, value in given if value is not None for word in (key, str(value))]
    return [*words, *(["--fresh"] if args.fresh else [])]
