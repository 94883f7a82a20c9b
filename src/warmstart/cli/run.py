"""``warmstart run``: the quick answer first, then the other recipes, the report growing as they finish."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Sequence

from warmstart.cli import messages
from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.checkout_lock import checkout_lock
from warmstart.cli.jobs import Outcome, planned, run_recipes
from warmstart.cli.option import Option, option_of
from warmstart.cli.recipes import by_cost, compose_named
from warmstart.cli.report import read_table, recipe_line, verdict_lines, worst_line
from warmstart.cli.restore import restored_on_failure
from warmstart.cli.runner import Runner, new_log
from warmstart.cli.settings import ParamsStatus, choose_command, params_status
from warmstart.config.schema import Recipe
from warmstart.errors import UserError
from warmstart.records.audit import AuditReport
from warmstart.records.comparison_row import MAJORITY
from warmstart.runtime.console import say, warn
from warmstart.runtime.interrupts import listening


def run(args: Namespace) -> int:
    """Do it; 0 where all went well, 1 where a recipe failed. Raises UserError."""
    checkout = find_checkout()
    source, option = option_of(args, checkout)
    named = list(dict.fromkeys(word for words in args.only or () for word in words.split(",") if word)) or None
    params = params_status(checkout, option.name)
    configs = compose_named(checkout, option.set(params.settings).overrides, named)
    recipes = by_cost(configs)
    say(f"{option.name}: {source.describe()}; recipes: {', '.join(recipe.name for recipe in recipes)}")
    _say_notes(recipes, named, params)
    choose = choose_command(option.name, list(configs) if named else None, params.stale)
    if args.dry_run:
        if not option.kept and option.file:
            say(f"\n{checkout.short(option.file)} would say:\n\n{option.text}")
        for command in [choose, *planned(recipes, args.quick)]:
            say(f"$ {shlex.join(command)}")
        return 0
    with listening(), checkout_lock(checkout):
        runner = Runner(checkout, new_log(checkout, option.name), option.name)
        outcome = _run_all(checkout, option, runner, choose, recipes, args.quick)
    if outcome.finished:
        _say_end(checkout, option.name, quick=args.quick)
    say(f"log:            {checkout.short(runner.log)}")
    _warn_failures(outcome)
    return 0 if outcome.good else 1


def _run_all(
    checkout: Checkout,
    option: Option,
    runner: Runner,
    choose: Sequence[str],
    recipes: Sequence[Recipe],
    quick: bool,
) -> Outcome:
    outcome = Outcome()

    def do(command: list[str]) -> None:
        if (data := checkout.current_dataset()) != option.name:
            raise UserError(messages.PARAMS_CHANGED.format(now=data, name=option.name))
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
            run_recipes(recipes, quick, do, finished, outcome)
        except UserError:
            _warn_failures(outcome)
            raise
        if not (outcome.finished or runner.trained):
            raise UserError("\n".join(messages.failures(outcome.failed, outcome.skipped)).removeprefix("failed: "))
    return outcome


def _say_notes(recipes: Sequence[Recipe], named: Sequence[str] | None, params: ParamsStatus) -> None:
    for recipe in recipes:
        if named and recipe.starts_from and recipe.starts_from not in named:
            say(messages.RUN_TOO.format(start=recipe.starts_from, recipe=recipe.name))
    for template, values in ((messages.PARAMS_KEPT, params.kept), (messages.PARAMS_STALE, params.stale)):
        if values:
            say(template.format(values=", ".join(f"{key}={value}" for key, value in values.items())))


def _warn_failures(outcome: Outcome) -> None:
    for line in messages.failures(outcome.failed, outcome.skipped):
        warn(line)


def _say_answer(checkout: Checkout, name: str, recipe: str, *, first: bool) -> None:
    """A recipe's answer, the first one beside the majority class and with the photos that it is most wrong about."""
    table = read_table(checkout, name)
    if first:
        say(f"\n  the quick answer ({checkout.short(checkout.page(name))}):")
        say(f"  {recipe_line(table, MAJORITY)}")
    say(f"  {recipe_line(table, recipe)}")
    if first and (line := worst_line(table, checkout.dataset(name) / "recipes" / recipe / "evaluate")):
        say(f"  {line}")
    say("")


def _say_end(checkout: Checkout, name: str, *, quick: bool) -> None:
    table = read_table(checkout, name)
    for line in ["the other recipes: the same command without --quick"] if quick else ["", *verdict_lines(table)]:
        say(line)
    _say_audit(checkout, name)
    say(messages.AFTER_RUN.format(page=checkout.short(checkout.page(name)), name=name, best=table.verdict.recommended))


def _say_audit(checkout: Checkout, name: str) -> None:
    """What the audit found, and where its page is, where it has run and found something."""
    folder = checkout.dataset(name) / "audit"
    if (folder / "audit.json").exists():
        audit = AuditReport.read(folder / "audit.json")
        if any(finding.severity != "fine" for finding in audit.findings):
            say(f"audit:          {audit.verdict}; {checkout.short(folder / 'index.html')}")
