"""``warmstart run``: the quick answer first, then the other recipes, the report growing as they finish."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Sequence

from warmstart.cli.alone import alone
from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.jobs import Outcome, planned, run_recipes
from warmstart.cli.logs import new_log
from warmstart.cli.option import Option, choose_option, spell_settings
from warmstart.cli.panel import choose_command, panel_settings, standing
from warmstart.cli.recipes import by_cost, usual_recipes, with_starts
from warmstart.cli.resolve import resolve
from warmstart.cli.restore import restored_on_failure
from warmstart.cli.result import MAJORITY, best_recipe, read_table, recipe_line, verdict_lines
from warmstart.cli.running import Runner
from warmstart.cli.settings import read_settings
from warmstart.cli.source import find_source
from warmstart.errors import UserError
from warmstart.files.plain import read_json
from warmstart.runtime.console import say, warn
from warmstart.runtime.interrupts import listening


def run(args: Namespace) -> int:
    """Do it; 0 where all went well, 1 where a recipe failed. Raises UserError."""
    checkout = find_checkout()
    source = find_source(args.source, checkout)
    option = choose_option(
        checkout, source, args.name, read_settings(checkout, args.set, args.size, args.folds), fresh=args.fresh
    )
    if option.remembered:
        say(remembered_line(option))
    asked = [word for words in args.only for word in words.split(",") if word] if args.only else None
    only = with_starts(checkout, asked) if asked else None
    recipes = by_cost(checkout, only or usual_recipes(checkout, option))
    now = standing(checkout, option.name)
    resolve(checkout, option.set(panel_settings(now.kept)).overrides, [recipes[0].name])
    say(f"{option.name}: {source.describe()}; recipes: {', '.join(recipe.name for recipe in recipes)}")
    for recipe in recipes:
        if asked and recipe.starts_from and recipe.starts_from not in asked:
            say(f"{recipe.starts_from} is run too, because {recipe.name} starts from it")
    if now.kept:
        say(
            f"params.yaml also says {', '.join(f'{key}={value}' for key, value in now.kept.items())}, which holds for this run too"
        )
    if now.stale:
        say(
            f"params.yaml says {', '.join(f'{key}={value}' for key, value in now.stale.items())}, about other data: set to null"
        )
    choose = choose_command(option.name, only, now.stale)
    if args.dry_run:
        _say_plan(checkout, option, [choose, *planned(recipes, args.quick)])
        return 0
    outcome = Outcome()
    with listening(), alone(checkout):
        runner = Runner(checkout, new_log(checkout, option.name), option.name)

        def do(command: list[str]) -> None:
            if (data := checkout.panel().get("data")) != option.name:
                raise UserError(
                    f"params.yaml was changed meanwhile, to {data}: give the same command again to go on with {option.name}"
                )
            runner(command)

        def finished(recipe: str) -> None:
            _say_answer(checkout, option.name, recipe, first=len(outcome.finished) == 1)

        with restored_on_failure(checkout, option.name, option.file, lambda: runner.trained) as note:
            runner.when_trained = note.remove
            if option.write() and option.file:
                say(f"wrote {checkout.short(option.file)}")
            runner(choose)
            note.write()
            try:
                run_recipes(recipes, args.quick, do, finished, outcome)
            except UserError:
                _say_failures(outcome)
                raise
            if not (outcome.finished or runner.trained):
                raise UserError("\n".join(_failures(outcome)).removeprefix("failed: "))
    if outcome.finished:
        _say_end(checkout, option.name, quick=args.quick)
    say(f"log:            {checkout.short(runner.log)}")
    _say_failures(outcome)
    return 0 if outcome.good else 1


def remembered_line(option: Option) -> str:
    """What earlier runs, or a person by hand, have set, and how to be rid of it."""
    where = f"conf/data/{option.name}.yaml"
    return f"remembered in {where}: {spell_settings(option.remembered)}; --fresh forgets {'it' if len(option.remembered) == 1 else 'them'}"


def _say_plan(checkout: Checkout, option: Option, commands: Sequence[Sequence[str]]) -> None:
    if option.file and not option.kept:
        say(f"\n{checkout.short(option.file)} would say:\n\n{option.text}")
    for command in commands:
        say(f"$ {shlex.join(command)}")


def _say_failures(outcome: Outcome) -> None:
    for line in _failures(outcome):
        warn(line)


def _failures(outcome: Outcome) -> list[str]:
    """What failed and why, names with the same reason together, and what was skipped."""
    names = {
        reason: [name for name, other in outcome.failed.items() if other == reason]
        for reason in outcome.failed.values()
    }
    failed = [f"failed: {', '.join(names[reason])}: {reason}" for reason in names]
    return [*failed, *(f"skipped: {name}, which starts from {start}" for name, start in outcome.skipped.items())]


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
        say()
        for line in verdict_lines(table):
            say(line)
    if said := _audit(checkout, name):
        say(f"audit:          {said}")
    say(f"report:         {checkout.short(checkout.report(name).with_name('index.html'))}")
    say(f"                warmstart report --open --name {name}")
    say("all curves:     warmstart ui")
    say(f"other photos:   warmstart predict {best_recipe(table)} PHOTO_OR_FOLDER --name {name}")


def _audit(checkout: Checkout, name: str) -> str | None:
    """What the audit found, and where it is told; None where it found nothing, or has not run."""
    place = checkout.dataset(name) / "audit"
    if not (place / "audit.json").exists():
        return None
    found = read_json(place / "audit.json", "findings", "verdict")
    if all(finding["severity"] == "fine" for finding in found["findings"]):
        return None
    return f"{found['verdict']}; {checkout.short(place / 'index.html')}"
