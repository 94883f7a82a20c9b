"""``warmstart check``: what is in the photos, what is wrong with them, and what training on them will take."""

from __future__ import annotations

import shlex
from argparse import Namespace

from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.cost import Costs, expected, measure_speed
from warmstart.cli.look import Looked, look_at
from warmstart.cli.option import Option, choose_option
from warmstart.cli.recipes import by_cost, usual_recipes
from warmstart.cli.resolve import resolve
from warmstart.cli.settings import read_settings
from warmstart.cli.source import find_source
from warmstart.cli.words import took
from warmstart.console import say
from warmstart.files import free_space, spell_bytes


def check(args: Namespace) -> int:
    """Do it; 0 where the photos can be trained on, 1 where they cannot yet. Raises UserError where there is nothing to look at."""
    checkout = find_checkout()
    source = find_source(args.source, checkout)
    option = choose_option(checkout, source, args.name, read_settings(checkout, args.set, args.size, args.folds))
    config = resolve(checkout, option.overrides)
    folder = checkout.dataset(option.name) / "check"
    say(f"{option.name}: {source.describe()}")
    looked = look_at(config["data"], folder)
    say()
    for line in looked.lines:
        say(line)
    say(f"page with pictures: {checkout.short(folder / 'audit' / 'index.html')}")
    say()
    if not looked.trainable:
        say("not ready to be trained on:")
        for reason in looked.reasons:
            say(f"  {reason}")
        return 1
    parts = ", ".join(
        f"{number:,} {what}" for what, number in zip(("to train on", "to choose by", "to test on"), looked.counts, strict=True)
    )
    say(f"ready to be trained on: {parts}" + (f", in {looked.folds} turns" if looked.folds > 1 else ""))
    recipes = by_cost(checkout, usual_recipes(checkout, option))
    _say_cost(expected(recipes, config, looked, measure_speed(config["data"])), checkout, option, looked)
    say(f"\nnext: {shlex.join(['warmstart', 'run', args.source, *_words(args)])}")
    return 0


def _say_cost(costs: Costs, checkout: Checkout, option: Option, looked: Looked) -> None:
    say(f"time: about {took(costs.first)} to the quick answer, about {took(costs.total)} for all recipes on this machine, or less:")
    say("  " + ", ".join(f"{name} {took(seconds)}" for name, seconds in costs.recipes.items()))
    _, free = free_space(checkout.dataset(option.name))
    scarce = "; that is too little" if free < costs.disk else ""
    say(f"disk: about {spell_bytes(costs.disk)} below artifacts/{option.name}; {spell_bytes(free)} are free{scarce}")


def _words(args: Namespace) -> list[str]:
    """The options that belong to the photos, as they were given."""
    given = [("--name", args.name), ("--size", args.size), ("--folds", args.folds), *(("--set", pair) for pair in args.set)]
    return [word for key, value in given if value is not None for word in (key, str(value))]
