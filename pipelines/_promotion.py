"""Making a recipe of the best job of a sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from _app import CHECKOUT
from _recipes import compose_params
from warmstart.config.flatten import flatten
from warmstart.config.params import Params, edit_params, read_params
from warmstart.config.paths import absolute_paths
from warmstart.config.ranges import NAME
from warmstart.config.recipe_list import check_list
from warmstart.config.selection import ACCURACY
from warmstart.config.views import start_of, view
from warmstart.errors import UserError
from warmstart.files.plain import write_text
from warmstart.files.reading import reading
from warmstart.records.sweep import SweepJob
from warmstart.text.near_names import did_you_mean
from warmstart.tracking.sweep_jobs import best_job, read_jobs, result_text

MACHINE = ("accelerator", "precision", "threads", "devices", "workers")  # keys of trainer that no recipe has
# Words of a job that no recipe has: what each recipe is run with, and what a training does not read.
LEFT_OUT = (
    "data",
    "seed",
    "seeds",
    "sweep",
    "hydra",
    "tracking",
    "evaluate",
    "interpret",
    "titles",
    "recipes",
    "image",
)
OF_ALL = ("experiment", "schedule")  # groups that the data or params.yaml choose
BY_HAND = ("debug", "init_from", "out_dir", "model_dir")
NOT_COMPARED = ("recipe.name", "recipe.title", "data.name", "seed", "seeds", "tracking.live", "callbacks.pruning")
HEADER = """\
# @package _global_
# The best of {jobs} jobs of the sweep {sweep} of {base} on {data}: job {number}, {result}.
"""


def promote(folder: Path, name: str | None, recipe: str | None) -> tuple[str, str]:
    """Write the option file of a new recipe, and its line in params.yaml.

    folder: of the sweep. name: of the recipe; None: its base's name with ``_tuned``. recipe: of which recipe the best
    job is taken, needed where the sweep has several. Returns the name and what it was made of. Raises UserError.
    """
    params_file = CHECKOUT / "params.yaml"
    params = read_params(params_file)
    finished = _finished(folder)
    configs = {job.number: _read_config(folder / str(job.number)) for job in finished}
    bases = {number: str(config["recipe"]["name"]) for number, config in configs.items()}
    base = _choose(sorted(set(bases.values())), recipe, folder)
    of_base = [job for job in finished if bases[job.number] == base]
    job = best_job(of_base)
    config = configs[job.number]
    name = name or f"{base}_tuned"
    file = _new_file(name)
    _check_data(config, params, folder)
    groups, values = _contents(job.overrides, params, folder)
    if not groups and not values:
        raise UserError(f"{folder}: its best job has no setting of its own, so it is {base} as it stands")
    values = {"recipe.name": name, "recipe.title": f"{config['recipe']['title']}, tuned", **values}
    header = HEADER.format(jobs=len(of_base), sweep=folder.name, base=base, data=params.data, number=job.number,
                           result=_result(job))  # fmt: skip
    recipes = {**params.recipes, name: start_of(config["recipe"])}
    check_list(recipes)
    write_text(file, header + _text(base, groups, values))
    try:
        composed = compose_params(replace(params, recipes={name: recipes[name]}), CHECKOUT)[name]
        _check_same(config, composed, job)
        edit_params(params_file, params.data, recipes)
    except BaseException:
        file.unlink()
        raise
    return name, f"job {job.number} of {folder.name}, {_result(job)}"


def _result(job: SweepJob) -> str:
    return f"validation {result_text(job, named=True)}"


def _read_config(job: Path) -> dict[str, Any]:
    with reading(file := job / "model/config.yaml"):
        # A sweep of an earlier version had no choice.
        return {"select_by": ACCURACY, **yaml.safe_load(file.read_text(encoding="utf-8"))}


def _finished(folder: Path) -> list[SweepJob]:
    jobs = read_jobs([folder])
    if not jobs:
        raise UserError(f"{folder} is no folder of a sweep with a job that has ended; "
                        "sweeps are in artifacts/<dataset>/sweeps")  # fmt: skip
    finished = [job for job in jobs if job.value is not None]
    if not finished:
        raise UserError(f"{folder}: none of its {len(jobs)} jobs has finished a training")
    return finished


def _choose(bases: Sequence[str], recipe: str | None, folder: Path) -> str:
    if recipe in bases:
        return str(recipe)
    if recipe is None and len(bases) == 1:
        return bases[0]
    what = f"no job of {recipe} has finished" if recipe else "it is a sweep of several recipes"
    near = did_you_mean(recipe, bases, " ") if recipe else ""
    raise UserError(f"{folder}: {what}; {near}choose one with --recipe: {', '.join(bases)}")


def _new_file(name: str) -> Path:
    if not NAME.allows(name):
        raise UserError(f"--name is {name!r}; it is {NAME.words}")
    file = CHECKOUT / "conf/recipe" / f"{name}.yaml"
    if file.exists():
        raise UserError(f"there is a recipe {name} already, conf/recipe/{name}.yaml: choose another name with --name")
    return file


def _check_data(config: Mapping[str, Any], params: Params, folder: Path) -> None:
    if (data := config["data"]["name"]) != params.data:
        raise UserError(
            f"{folder} is a sweep on {data}, but params.yaml runs {params.data}: "
            f"`python pipelines/choose.py data={data}` changes that"
        )


def _contents(overrides: Sequence[str], params: Params, folder: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """What a recipe's file says of these overrides: options by group, and values by dotted key."""
    groups: dict[str, str] = {}
    values: dict[str, Any] = {}
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key, value = override.key_or_group.replace("/", "."), override.value()
        first, _, second = key.partition(".")
        if override.is_delete() or first in BY_HAND:
            raise UserError(f"{folder}: its best job has {override.input_line}, which a recipe cannot have")
        if first == "data" and second and params.values.get(key) != value:
            raise UserError(
                f"{folder}: its best job has {override.input_line}, which belongs to the data and not to a recipe: "
                "set it in params.yaml below set:, then the same command again"
            )
        if key in OF_ALL and params.groups.get(key) != value:
            raise UserError(
                f"{folder}: its best job has {override.input_line}, which holds for all recipes: set it in "
                "params.yaml, then the same command again"
            )
        base = key in ("recipe", "recipe.name", "recipe.title")
        machine = first == "trainer" and second in ("", *MACHINE)
        if base or machine or first in LEFT_OUT or key in OF_ALL or f"{key}.".startswith("callbacks.pruning."):
            continue
        if not second and (CHECKOUT / "conf" / key).is_dir():
            groups[key] = str(value)
        else:
            values[key] = value
    return groups, values


def _text(base: str, groups: Mapping[str, str], values: Mapping[str, Any]) -> str:
    tree: dict[str, Any] = {}
    for key, value in values.items():
        *nodes, leaf = key.split(".")
        reduce(lambda node, part: node.setdefault(part, {}), nodes, tree)[leaf] = value
    chosen = [{f"override /{group}": option} for group, option in groups.items()]
    defaults = yaml.safe_dump({"defaults": [base, *chosen, "_self_"]}, sort_keys=False)
    return f"{defaults}\n{yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=1000)}"


def _check_same(trained: Mapping[str, Any], composed: Mapping[str, Any], job: SweepJob) -> None:
    """Refuse (UserError) a recipe that would be trained differently from the job that it is made of."""
    old, new = (dict(_compared(config)) for config in (trained, composed))
    for key in {**old, **new}:
        if old.get(key) != new.get(key):
            raise UserError(
                f"job {job.number} had {key}={old.get(key)}, and with params.yaml and the options of its data the "
                f"recipe would have {new.get(key)}: make params.yaml say what the sweep had, or sweep with what it says"
            )


def _compared(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in flatten(view(absolute_paths(dict(config), CHECKOUT), "train")).items():
        machine = key.startswith("trainer.") and key.partition(".")[2] in MACHINE
        if not machine and not any(key == left or key.startswith(f"{left}.") for left in NOT_COMPARED):
            yield key, value
