"""``warmstart curve``: how accuracy grows with the number of photos, as a part of the report."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.checkout_lock import checkout_lock
from warmstart.cli.dvc.commands import repro
from warmstart.cli.jobs import PUBLISH, REPORT
from warmstart.cli.report import read_table
from warmstart.cli.runner import Runner, new_log
from warmstart.config.params import edit_params, read_params
from warmstart.errors import UserError
from warmstart.files.plain import write_bytes
from warmstart.records.learning_curve import LearningCurve
from warmstart.runtime.console import say
from warmstart.runtime.interrupts import listening
from warmstart.text.near_names import did_you_mean

NOTHING_RUN = "{name} has no report that a curve could be a part of: `warmstart run PHOTOS` first"
NONE_KEPT = "{name}: no learning curve any more; finished trainings are kept, `warmstart curve` shows them again"


def curve(args: Namespace) -> int:
    """Write what is asked for into params.yaml and run it; 0 where all went well. Raises UserError, and leaves
    params.yaml as it was where the settings cannot be resolved with that.
    """
    checkout = find_checkout()
    file = checkout.root / "params.yaml"
    params, before = read_params(file), file.read_bytes()
    if not checkout.report(params.data).exists():
        raise UserError(NOTHING_RUN.format(name=params.data))
    recipes = [] if args.off else _recipes(checkout, params.data, list(params.recipes), args.recipes)
    values: dict[str, Any] = {"learning_curve": recipes}
    values |= {"set.learning_curve.shares": args.shares} if args.shares else {}
    values |= {"set.learning_curve.seeds": args.seeds} if args.seeds else {}
    with listening(), checkout_lock(checkout):
        edit_params(file, params.data, params.recipes, values)
        runner = Runner(checkout, new_log(checkout, params.data), params.data)
        if recipes:
            say(f"params.yaml: learning_curve: [{', '.join(recipes)}]")
        try:
            runner(repro("compose"))
        except BaseException:
            write_bytes(file, before)
            raise
        if recipes:
            runner(repro(*(f"learning_curve@{name}" for name in recipes)))
        runner(REPORT)
        runner(PUBLISH)
    _say_answers(checkout, params.data, recipes)
    return 0


def _recipes(checkout: Checkout, data: str, known: Sequence[str], named: Sequence[str]) -> list[str]:
    """The recipes named or, of none, those that the verdict is about and the one that it recommends."""
    names = list(dict.fromkeys(name for words in named for name in words.split(",") if name))
    if not names:
        verdict = read_table(checkout, data).verdict
        names = [name for name in known if name in (verdict.scratch, verdict.transfer, verdict.recommended)]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known, " ")
            raise UserError(f"{name} is none of the recipes that params.yaml runs; {hint}they are {', '.join(known)}")
    return names


def _say_answers(checkout: Checkout, name: str, recipes: Sequence[str]) -> None:
    page = checkout.page(name)
    if not recipes:
        say(NONE_KEPT.format(name=name))
    else:
        say("\n".join(["", *LearningCurve.read(page.with_name("learning_curve.json")).sentences]))
    say(f"page: {checkout.short(page)}")
