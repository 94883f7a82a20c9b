"""``warmstart suggest``: which photos to label next."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from warmstart.cli import messages
from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.predict import find_package, finished_recipes, warn_if_outdated
from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.records.suggestion import Suggestion
from warmstart.runtime.console import say
from warmstart.text.quantities import count, plural

PREFERRED = "linear_probe"


def suggest(args: Namespace) -> int:
    """Write and print it. Raises UserError, also where no photo is left to label."""
    checkout = find_checkout()
    name = args.name or checkout.current_dataset()
    recipe = _recipe(checkout, name, args.recipe)
    warn_if_outdated(checkout.dataset(name) / "recipes" / recipe / "evaluate/package")
    from warmstart.active_learning.suggest import PAGE, TABLE, suggest_photos

    out = checkout.dataset(name) / "suggest"
    sources = [Path(expand_user(source)) for source in args.photos]
    found = suggest_photos(checkout.dataset(name), recipe, sources, args.count, out).found
    say("\n".join(_lines(found)))
    say(f"the list: {checkout.short(out / TABLE)}\npage:     {checkout.short(out / PAGE)}")
    return 0


def _recipe(checkout: Checkout, name: str, asked: str | None) -> str:
    """The recipe whose network chooses. Raises UserError where none that can has finished."""
    from warmstart.active_learning.labelled import is_on_cached_features

    if asked:
        recipe = find_package(checkout, name, asked).parents[1].name
    elif PREFERRED in (ready := finished_recipes(checkout, name)):
        recipe = PREFERRED
    else:
        find_package(checkout, name, ready[0] if ready else PREFERRED)  # says what there is where nothing has finished
        recipe = ready[0]
    folder = checkout.dataset(name) / "recipes"
    if is_on_cached_features(folder / recipe):
        return recipe
    able = [other for other in finished_recipes(checkout, name) if is_on_cached_features(folder / other)]
    if not asked and able:
        return able[0]
    raise UserError(messages.suggest_needs_features(recipe if asked else "", name, able))


def _lines(found: Suggestion) -> list[str]:
    from warmstart.active_learning import messages as said

    unread = f"; {count(found.unreadable)} could not be read" if found.unreadable else ""
    lines = [f"{plural(found.suggested, 'photo')} to label, of {count(found.found)}{unread}"]
    lines += [left_out] if (left_out := said.left_out_sentence(found)) else []
    evidence = found.evidence
    if evidence is None:
        return [*lines, found.no_evidence]
    sentences = (said.verdict_sentence, said.point_sentence, said.enough_sentence, said.how_sentence)
    return [*lines, *filter(None, (sentence(evidence) for sentence in sentences))]
