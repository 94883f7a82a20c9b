"""The words of the command ``warmstart``, and the function that each command calls."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import warmstart
from warmstart.runtime.console import exit_on_user_error, start_logging, warn
from warmstart.runtime.sockets import keep_sockets_short
from warmstart.text.near_names import did_you_mean

OVERVIEW = """Train an image classifier from scratch, or start warm? An answer for your photos, with evidence.

  warmstart check ~/photos           what is in them, what is wrong with them, how long it will take
  warmstart run ~/photos             the answer: a quick one first, then all recipes side by side
  warmstart report                   the answer again, as a table
  warmstart curve                    what more photos would bring
  warmstart ui                       all curves, in a browser
  warmstart predict best new/        classes of other photos
  warmstart suggest unlabelled/      which of other photos to label next"""
PHOTOS = "a folder with a sub-folder of photos per class, a .zip of such, a .csv (path,label), or a data option"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        warn(f"error: {message} ({self.prog} --help)")
        raise SystemExit(2)


def run_command(words: Sequence[str] | None) -> int:
    """Run a command line, None for the one typed. Returns the exit status; raises SystemExit(2) for unknown words."""
    typed, words = words is None, sys.argv[1:] if words is None else list(words)
    parser = _make_parser()
    if not words:
        parser.print_help()
        return 0
    if not words[0].startswith("-") and words[0] not in COMMANDS:
        hint = did_you_mean(words[0], COMMANDS) or f"the commands are {', '.join(COMMANDS)}"
        parser.error(f"there is no command {words[0]}; {hint}")
    args = parser.parse_args(_each_set(words), argparse.Namespace(words=words[1:]))
    start_logging()
    keep_sockets_short()
    with exit_on_user_error(Path(warmstart.__file__).resolve().parents[2] / "artifacts" / "fault.log"):
        from warmstart.cli.checkout import find_checkout, work_where_one_stands
        from warmstart.cli.checkout_lock import repair_if_idle

        if typed:
            work_where_one_stands(words)
        repair_if_idle(find_checkout())
        code: int = getattr(import_module(f"warmstart.cli.{args.command}"), args.command)(args)
        sys.stdout.flush()
    return code


def _make_parser() -> argparse.ArgumentParser:
    as_written = argparse.RawDescriptionHelpFormatter
    parser = _Parser("warmstart", argparse.SUPPRESS, OVERVIEW, formatter_class=as_written)
    parser.add_argument("--version", action="version", version=f"warmstart {warmstart.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    for name, (what, example, add_arguments) in COMMANDS.items():
        sentence, shown = f"{what[0].upper()}{what[1:]}.", f"example: {example}"
        command = commands.add_parser(
            name,
            prog=f"warmstart {name}",
            help=what.replace("%", "%%"),
            description=sentence,
            epilog=shown,
            allow_abbrev=False,
        )
        add_arguments(command)
    return parser


def _each_set(words: Sequence[str]) -> list[str]:
    """``--set a=1 b=2`` as ``--set a=1 --set b=2``, so that photos may be named after it too."""
    out: list[str] = []
    for number, word in enumerate(words):
        values = number > 1 and out[-2] == "--set" and re.match(r"\w+(\.\w+)*=", word) is not None
        out += ["--set", word] if values else [word]
    return out


def _source(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("source", metavar="PHOTOS", help=PHOTOS)
    add("--name", help="what to call them; decides where results go (default: the folder's name)")
    size = "side of the squares that photos become, for all recipes (default: 150; on a backbone its own, such as 224)"
    add("--size", type=_positive, metavar="PX", help=size)
    add("--folds", type=_positive, metavar="K", help="train every recipe K times, so that every photo is tested once")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="any other setting, such as schedule=quick")
    forget = "forget what conf/data/NAME.yaml keeps: earlier --size, --folds and --set, and edits by hand"
    add("--fresh", action="store_true", help=forget)


def _run(parser: argparse.ArgumentParser) -> None:
    _source(parser)
    add = parser.add_argument
    add("--only", action="append", metavar="RECIPES", help="these recipes only, such as scratch,fine_tune")
    add("--quick", action="store_true", help="stop after the quick answer; without it, the same command goes on")
    add("--dry-run", action="store_true", help="print the commands, run none")


def _report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", help="of which dataset (default: that of the last run)")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def _ui(parser: argparse.ArgumentParser) -> None:
    where = "where it listens; the next free one if that is taken (default: 5000)"
    parser.add_argument("--port", type=_positive, default=5000, help=where)
    parser.add_argument("--no-browser", action="store_true", help="print the address only, open no browser")


def _predict(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("recipe", metavar="RECIPE", help="a recipe that has finished, or best: the one that the report recommends")
    add("photos", metavar="PHOTO|FOLDER", nargs="+", help="photos, and folders of any size")
    add("--name", help="trained on which dataset (default: that of the last run)")
    add("--format", choices=("table", "csv", "json"), help="default: table, or what the name of --output says")
    add("--output", metavar="FILE", help="where to write it (default: to the terminal)")
    add("--sort", choices=("uncertainty", "name"), help="least certain first, or by name (default: as they are found)")
    add("--page", metavar="FILE.html", help="write a page with the photos by class too, the least certain first")


def _suggest(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("photos", metavar="PHOTO|FOLDER", nargs="+", help="photos without labels, and folders of them")
    add("--count", type=_positive, default=50, metavar="N", help="how many to label next (default: 50)")
    add("--name", help="to be added to which dataset (default: that of the last run)")
    recipe = "whose network chooses; one that is trained on cached features (default: linear_probe)"
    add("--recipe", metavar="RECIPE", help=recipe)


def _promote(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", metavar="SWEEP_FOLDER", help="the folder that the end of the sweep names")
    add("--name", help="what to call the recipe (default: that of the sweep with _tuned behind it)")
    add("--recipe", help="of which recipe, where the sweep has several")


def _curve(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    what = "recipes that have been run (default: those that the verdict compares, and the one that it recommends)"
    add("recipes", metavar="RECIPE", nargs="*", help=what)
    add("--shares", type=_shares, metavar="S,S,…", help="of the training photos (default: 0.05,0.1,0.25,0.5,1)")
    add("--seeds", type=_positive, metavar="K", help="trainings at each share (default: 3)")
    add("--off", action="store_true", help="take it out of the report again")


def _shares(text: str) -> list[float]:
    try:
        shares = [float(word) for word in text.split(",")]
    except ValueError:
        shares = [0.0]
    if not all(0 < share <= 1 for share in shares):
        raise argparse.ArgumentTypeError(f"{text}: shares are numbers above 0, up to 1, such as 0.1,0.5,1")
    return sorted(set(shares))


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of 1 or more")
    return int(text)


COMMANDS = {
    "check": ("look at your photos before anything is trained", "warmstart check ~/photos", _source),
    "run": ("train and compare the recipes on your photos", "warmstart run ~/photos --size 128", _run),
    "report": ("print the answer of a run", "warmstart report --open", _report),
    "ui": ("look at all curves in MLflow's pages", "warmstart ui --port 8080", _ui),
    "curve": (
        "train on 5 to 100 % of the photos, to see what more of them would bring",
        "warmstart curve scratch_augmented features --seeds 3",
        _curve,
    ),
    "promote": (
        "make a recipe of the best job of a sweep",
        "warmstart promote artifacts/critters/sweeps/2026-01-31_12-00-00 --name tuned",
        _promote,
    ),
    "predict": ("classify other photos", "warmstart predict best ~/new_photos --output answers.csv", _predict),
    "suggest": ("choose which photos to label next", "warmstart suggest ~/unlabelled --count 50", _suggest),
}
