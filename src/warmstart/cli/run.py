"""``warmstart run``: the quick answer first, then the other recipes, the report growing as they finish."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Iterator, Sequence

from warmstart.cli.alone import alone
from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.option import Option, choose_option
from warmstart.cli.panel import choose_command, standing
from warmstart.cli.recipes import Recipe, by_cost, usual_recipes, with_starts
from warmstart.cli.result import MAJORITY, best_recipe, read_table, recipe_line
from warmstart.cli.running import Runner
from warmstart.cli.settings import read_settings
from warmstart.cli.source import find_source
from warmstart.console import say
from warmstart.errors import UserError

REPORT = ["dvc", "repro", "--single-item", "compare"]


def run(args: Namespace) -> int:
    """Do it. Raises UserError."""
    checkout = find_checkout()
    source = find_source(args.source, checkout)
    option = choose_option(checkout, source, args.name, read_settings(checkout, args.set, args.size, args.folds))
    only = with_starts(checkout, [word for words in args.only for word in words.split(",") if word]) if args.only else None
    recipes = by_cost(checkout, only or usual_recipes(checkout, option))
    now = standing(checkout, option.name)
    say(f"{option.name}: {source.describe()}; recipes: {', '.join(recipe.name for recipe in recipes)}")
    if now.kept:
        say(f"params.yaml also says {', '.join(f'{key}={value}' for key, value in now.kept.items())}, which holds for this run too")
    if now.stale:
        say(f"params.yaml says {', '.join(f'{key}={value}' for key, value in now.stale.items())}, about other data: set to null")
    choose = choose_command(option.name, only, now.stale)
    if args.dry_run:
        _say_plan(checkout, option, [choose, *(command for command, _ in _commands(recipes, args.quick))])
        return 0
    with alone(checkout):
        runner = Runner(checkout, checkout.dataset(option.name) / "run.log")
        _choose(checkout, option, choose, runner)
        for command, finished in _commands(recipes, args.quick):
            if (data := checkout.panel().get("data")) != option.name:
                raise UserError(f"params.yaml was changed meanwhile, to {data}: give the same command again to go on with {option.name}")
            runner(command)
            if finished:
                _say_answer(checkout, option.name, finished, first=finished == recipes[0].name)
    _say_end(checkout, option.name, quick=args.quick)
    return 0


def _commands(recipes: Sequence[Recipe], quick: bool) -> Iterator[tuple[list[str], str]]:
    """What is run, in order, and of which recipe the report is news then. recipes: by cost.

    The report is made of what has finished, so it does not wait for the other recipes.
    """
    first, *others = recipes
    features = [] if first.on_features else ["feature_extract"]  # which the report wants to be there, even if it has nothing to do
    yield ["dvc", "repro", "audit", *features, f"evaluate@{first.name}"], ""
    yield REPORT, first.name
    if quick:
        return
    for recipe in others:
        yield ["dvc", "repro", f"interpret@{recipe.name}"], ""
        yield REPORT, recipe.name
    yield ["dvc", "repro"], ""  # what is left: a look into the first recipe, the last report, MLflow


def _choose(checkout: Checkout, option: Option, command: Sequence[str], runner: Runner) -> None:
    """Write the option, and choose it; an option that cannot be chosen is not left behind."""
    before = option.file.read_bytes() if option.file and option.file.exists() else None
    if option.write() and option.file:
        say(f"wrote {checkout.short(option.file)}")
    try:
        runner(command)
    except UserError:
        if option.file and before is None:
            option.file.unlink()
        elif option.file and before is not None:
            option.file.write_bytes(before)
        raise


def _say_plan(checkout: Checkout, option: Option, commands: Sequence[Sequence[str]]) -> None:
    if option.file and not (option.file.exists() and option.file.read_text(encoding="utf-8") == option.text):
        say(f"\n{checkout.short(option.file)} would say:\n\n{option.text}")
    for command in commands:
        say(f"$ {shlex.join(command)}")


def _say_answer(checkout: Checkout, name: str, recipe: str, *, first: bool) -> None:
    """A recipe's answer, the first one beside the majority class."""
    table = read_table(checkout, name)
    if first:
        say(f"\n  the quick answer ({checkout.short(checkout.report(name).with_name('index.html'))}):")
        say(f"  {recipe_line(table, MAJORITY)}")
    say(f"  {recipe_line(table, recipe)}\n")


def _say_end(checkout: Checkout, name: str, *, quick: bool) -> None:
    table = read_table(checkout, name)
    if quick:
        say("the other recipes: the same command without --quick")
    else:
        say(f"\n{table['verdict']['answer']}")
        for reason in table["verdict"]["reasons"]:
            say(f"  {reason}")
    say(f"report:         {checkout.short(checkout.report(name).with_name('index.html'))}")
    say(f"                warmstart report --open --name {name}")
    say("all curves:     warmstart ui")
    say(f"other photos:   warmstart predict {best_recipe(table)} PHOTO_OR_FOLDER --name {name}")
