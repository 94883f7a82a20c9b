"""Commands as documents, messages and pages print them, and whether each gets through its door."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from itertools import pairwise, product
from pathlib import Path

import yaml

from support import CHECKOUT, compose_config, training_parts

OURS = re.compile(r"^(python (pipelines|benchmarks)/\S+|python -m mlflow \S+|(dvc|warmstart|mlflow) [a-z]+)")
NAMED = re.compile(r"python|(dvc|warmstart|mlflow)\s")  # what the text of any of our commands has
WHOLE = re.compile(r"^(python pipelines/|dvc (repro|exp) )")  # a string that is a command, not a sentence
OTHERS = (
    "python3 -m venv",
    ". ",
    "pip ",
    "pytest ",
    "pre-commit ",
    "uv ",
    "bash .ci/run",
    "jupyter ",
    "git ",
    "curl ",
    "export ",
)
# What a placeholder stands for, by the word that it completes: a value that the checkout has.
SAMPLES = {
    "data": "critters",
    "name": "critters",
    "recipe": "scratch",
    "train@": "scratch",
    "evaluate@": "scratch",
    "interpret@": "scratch",
}
OF_EXTRAS = ("sweep=optuna", "hydra/launcher=", "hydra/sweeper/", "hydra.launcher.", "hydra.sweeper.")
FLAGS = ("-m", "--multirun", "--cfg", "job", "--resolve", "--help")


def documents() -> Iterator[tuple[str, str]]:
    """(file, command) of every command in the documents: fenced blocks, and, of ours, code between single backticks.

    Not the blocks of serving.md, which a test of the server runs whole.
    """
    for path in [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").glob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        for fence in re.findall(r"```(?:bash|sh)\n(.*?)```", text, re.DOTALL) if path.name != "serving.md" else ():
            for command in split_commands(fence.replace("\\\n", " ")):
                yield path.name, command
        for fence in re.findall(r"```\n(.*?)```", text, re.DOTALL):  # what a command printed
            for command in re.findall(r"^\$ (.*)$", fence, re.MULTILINE):
                yield path.name, command
        for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
            yield from ((path.name, command) for command in split_commands(code) if OURS.match(command))


def split_commands(text: str) -> list[str]:
    """The commands of some lines, without their comments; what comes before another ``&&`` is one of its own."""
    lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in text.splitlines())
    return [command.strip() for line in lines for command in line.split("&&") if command.strip()]


def messages() -> Iterator[tuple[str, str]]:
    """(file, command) of every command of ours that the code prints between backticks or as a value of its own."""
    for path in [*sorted((CHECKOUT / "src").rglob("*.py")), *sorted((CHECKOUT / "pipelines").glob("*.py"))]:
        source = path.read_text(encoding="utf-8")
        if not NAMED.search(source):  # parsing all of them takes seconds
            continue
        tree = ast.parse(source)
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, (ast.JoinedStr, ast.Constant)) and id(node) not in inside:
                text = _filled(node)
                found = re.findall(r"`([^`\n]+)`", text)
                for code in [*found, *([text] if WHOLE.match(text) and "\n" not in text else [])]:
                    yield from (
                        (str(path.relative_to(CHECKOUT)), command)
                        for command in split_commands(code)
                        if OURS.match(command)
                    )


def templates() -> Iterator[tuple[str, str]]:
    """(file, command) of every command in the pages' templates."""
    for path in sorted((CHECKOUT / "src").rglob("*.jinja")):
        text = re.sub(
            r"(\w+[=@])\{\{[^}]*\}\}", lambda found: found[1] + _sample(found[1]), path.read_text(encoding="utf-8")
        )
        for block in re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL):
            yield from (
                (str(path.relative_to(CHECKOUT)), command) for command in split_commands(block) if OURS.match(command)
            )


def _filled(node: ast.AST) -> str:
    """The text of a string, with a sample in place of what is filled in when the program runs."""
    if isinstance(node, ast.Constant):
        text = node.value if isinstance(node.value, str) else ""
        return re.sub(r"(\w+[=@])(?:%s|\{\w+\})", lambda found: found[1] + _sample(found[1]), text)
    text = ""
    for part in getattr(node, "values", []):
        text += str(part.value) if isinstance(part, ast.Constant) else _sample(text)
    return text


def _sample(before: str) -> str:
    word = re.split(r"[\s`]", before)[-1]
    return SAMPLES.get(word, SAMPLES.get(word.rstrip("="), "…"))


@cache
def stages() -> tuple[str, ...]:
    """Every target that `dvc repro` knows."""
    recipes = yaml.safe_load((CHECKOUT / "params.yaml").read_text())["recipes"]
    found = yaml.safe_load((CHECKOUT / "dvc.yaml").read_text())["stages"]
    return tuple(
        name
        for stage, what in found.items()
        for name in ([stage] if "foreach" not in what else [f"{stage}@{r}" for r in recipes])
    )


def check_command(command: str, options: Mapping[str, list[str]] | None = None) -> None:
    """Raise, naming what is wrong, where a command could not start: an unknown file, stage, key, option or value.

    Placeholders (… and words in capitals) stand for what a person fills in. options: overrides to be added for a data
    option that is written in the test's place.
    """
    words = shlex.split(command)
    if "…" in "".join(words[:2]):
        return
    program = Path(words[1]).stem if words[0] == "python" and words[1].endswith(".py") else words[0]
    if words[0] == "python" and words[1] != "-m":
        assert (CHECKOUT / words[1]).is_file(), f"{words[1]} does not exist"
    if words[0] == "python" and words[1].startswith("pipelines/"):
        _check_stage(program, words[2:], options or {})
    elif program == "dvc":
        _check_dvc(words[1:])
    elif program == "warmstart":
        _check_warmstart(words[1:])
    elif program == "mlflow" or words[:3] == ["python", "-m", "mlflow"]:
        _check_mlflow(words[words.index("mlflow") + 1 :])


def _check_stage(stage: str, words: list[str], options: Mapping[str, list[str]]) -> None:
    words = [word for word in words if word not in FLAGS and "…" not in word and not re.search(r"=[A-Z_]{3,}$", word)]
    if stage == "choose":
        given = [word for word in words if not word.startswith("set.")]
        _choose(tuple(extra for word in given for extra in options.get(word, [word])))
        return
    assert all("=" in word for word in words), f"{stage}: {words}"
    pairs = [
        word.split("=", 1)
        for word in words
        if "(" not in word  # a range that a sweep searches
        if find_spec("optuna") or not word.startswith(OF_EXTRAS)
        if word.split("=", 1)[0] not in ("init_from", "image", "out_dir", "model_dir")
    ]
    multirun = [
        [key + "=" + one for one in (value.split(",") if not value.startswith("[") else [value])]
        for key, value in pairs
    ]
    for overrides in product(*multirun):
        training_parts(compose_config(*(extra for word in overrides for extra in options.get(word, [word]))))


@cache
def _choose(words: tuple[str, ...]) -> None:
    from _recipes import choose_recipes

    choose_recipes(words)


def _check_dvc(words: list[str]) -> None:
    verb, *rest = words
    if verb == "exp":
        panel = yaml.safe_load((CHECKOUT / "params.yaml").read_text())
        for key in (word.split("=", 1)[0] for flag, word in pairwise(rest) if flag in ("-S", "--set-param")):
            node = panel
            for part in key.lstrip("+").split("."):
                assert key.startswith("+") or part in node, f"params.yaml has no key {key}"
                node = node.get(part) if isinstance(node, dict) else {}
        return
    _dvc_parser().parse_args(words)
    if verb not in ("repro", "status"):
        return
    for target in (word for word in rest if not word.startswith("-") and "…" not in word):
        assert target in stages(), f"dvc.yaml has no stage {target}"


@cache
def _dvc_parser() -> argparse.ArgumentParser:
    from dvc.cli.parser import get_main_parser

    parser: argparse.ArgumentParser = get_main_parser()
    return parser


def _check_warmstart(words: list[str]) -> None:
    from warmstart.cli.command_line import COMMANDS, _each_set, _make_parser

    assert words[0] in COMMANDS, f"warmstart has no command {words[0]}"
    if len(words) == 1 and words[0] in ("run", "check", "predict", "promote", "suggest"):
        return  # named, not typed
    args = _make_parser().parse_args(_each_set(words))
    known = [path.stem for path in (CHECKOUT / "conf/recipe").glob("*.yaml")]
    for recipe in [
        word for words in getattr(args, "only", None) or [] for word in words.split(",") if not word.isupper()
    ]:
        assert recipe in known, f"there is no recipe {recipe}"
    values = [
        pair
        for pair in getattr(args, "set", None) or []
        if pair.split("=", 1)[0] not in ("data.archive", "data.corrections")
    ]
    if values:
        compose_config("data=cats_vs_dogs" if "cats_vs_dogs" in words else "data=image_folder", *values)


def _check_mlflow(words: list[str]) -> None:
    import click
    from mlflow.cli import cli

    command: click.Command = cli
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(click.Context(command), name)
        assert found, f"mlflow has no command {name}"
        command = found
    known = {option for parameter in command.params for option in parameter.opts}
    for option in (word.split("=", 1)[0] for word in words if word.startswith("-")):
        assert option in known, f"mlflow has no option {option}"
