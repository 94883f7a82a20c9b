"""What is run for a list of recipes, in order; one that breaks does not keep the others from running."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from warmstart.cli.dvc.commands import repro
from warmstart.cli.recipes import on_features
from warmstart.cli.runner import CommandError
from warmstart.config.schema import Recipe

REPORT = repro("compare", single=True)
PUBLISH = repro("publish", single=True)
# Where only these stages break, the other recipes can still be run; without settings or photos nothing can.
CURVE = "learning_curve"
SEPARATE = ("train", "evaluate", "interpret", "audit", CURVE, "compare", "publish")
Do = Callable[[list[str]], None]


@dataclass
class Outcome:
    """failed: stage or recipe → why; a learning curve by its whole name. skipped: recipe → that which it starts from.
    finished: recipes in the report.
    """

    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    finished: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether all went well."""
        return not (self.failed or self.skipped)


def run_recipes(
    recipes: Sequence[Recipe], quick: bool, do: Do, finished: Callable[[str], None], outcome: Outcome
) -> None:
    """Run ``recipes``, by cost, and after each the report of what has finished.

    do: runs a command or raises. finished: called with each recipe that is new in the report. outcome: added to.
    Raises CommandError for what concerns all recipes.
    """
    untrained: set[str] = set()
    for number, recipe in enumerate(recipes):
        if recipe.starts_from in untrained:
            outcome.skipped[recipe.name] = recipe.starts_from or ""
            untrained.add(recipe.name)
            continue
        command = repro(f"interpret@{recipe.name}") if number else first_command(recipe)
        stage = _attempt(do, command, outcome)
        if stage == "audit":
            command.remove("audit")
            stage = _attempt(do, command, outcome)
        if stage.startswith("train"):
            untrained.add(recipe.name)
        elif not stage.startswith("evaluate") and not _attempt(do, REPORT, outcome):
            outcome.finished.append(recipe.name)
            finished(recipe.name)
        if quick:
            return
    for command in last_commands(recipes[0].name, outcome):
        if _attempt(do, command, outcome).startswith(CURVE):  # which the report can do without
            for rest in last_commands(recipes[0].name, outcome):
                _attempt(do, rest, outcome)


def planned(recipes: Sequence[Recipe], quick: bool) -> list[list[str]]:
    """The commands where all goes well."""
    commands: list[list[str]] = []
    run_recipes(recipes, quick, commands.append, lambda recipe: None, Outcome())
    return commands


def first_command(recipe: Recipe) -> list[str]:
    """The quick answer, for which nothing is looked into."""
    features = (
        [] if on_features(recipe) else ["feature_extract"]
    )  # which the report needs, even if it has nothing to do
    return repro("audit", *features, f"evaluate@{recipe.name}")


def last_commands(first: str, outcome: Outcome) -> list[list[str]]:
    """Maps of the first recipe, the report, MLflow; stage by stage after a failure, so as not to repeat it."""
    if outcome.good:
        return [repro()]
    if not outcome.finished:
        return []
    maps = [repro(f"interpret@{first}"), REPORT] if first in outcome.finished else []
    return [*maps, *([] if "audit" in outcome.failed else [PUBLISH])]


def _attempt(do: Do, command: list[str], outcome: Outcome) -> str:
    """Do it; the stage that failed, or nothing."""
    try:
        do(list(command))
    except CommandError as error:
        kind, _, recipe = error.stage.partition("@")
        if kind not in SEPARATE:
            raise
        outcome.failed[error.stage if kind == CURVE else recipe or kind] = str(error)
        return error.stage
    return ""
