"""Composing the configurations of the recipes that a dataset runs, without writing anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from _app import CHECKOUT
from _checked_parts import check_all_parts
from _command_line import add_open_key
from _compose import plain, register_schema
from _dvc_copy import options_known_to_git
from _errors import readable_errors
from _sizes import check_backbone_size
from warmstart.config.counts import freed_counts
from warmstart.config.input_size import check_start_size
from warmstart.config.params import Params
from warmstart.config.paths import absolute_paths
from warmstart.config.recipe_list import check_fit, check_list
from warmstart.config.seeds import check_same_seeds
from warmstart.config.tree import open_groups
from warmstart.config.views import check_start, start_of
from warmstart.errors import UserError

Configs = dict[str, dict[str, Any]]  # recipe → its whole configuration, as plain data


def compose_params(params: Params, here: Path) -> Configs:
    """The configuration of each recipe in params.yaml. here: the person's checkout, where relative paths start.

    Paths stay as they are given, so that they hold when the checkout is moved; in a copy that DVC made of it they
    become absolute. Raises UserError, naming the option or key.
    """
    copied = here.resolve() != CHECKOUT
    experiment = params.groups.get("experiment") if params.groups.get("experiment") != "none" else None
    configs = {}
    with options_known_to_git(here), _options():
        for name, item in params.recipes.items():
            data = {} if experiment else {"data": params.data}  # an experiment chooses its own data
            given = {"seed": params.seed, "seeds": params.seeds}
            seeds = {key: value for key, value in given.items() if value is not None}
            choices = {**data, "recipe": name, **params.groups, **seeds}
            composed = compose("config", [f"{key}={value}" for key, value in choices.items()])
            for key, value in {**free_counts(composed, params.values), **params.values}.items():
                with readable_errors("params.yaml: set."):
                    added = key.partition(".")[0] in open_groups()
                    OmegaConf.update(composed, key, value, merge=False, force_add=added)
            config = absolute_paths(plain(composed), here) if copied else plain(composed)
            if (about := config["data"]["name"]) != params.data:
                if experiment:
                    raise UserError(f"params.yaml: experiment {experiment} is about {about}: set data to that")
                raise UserError(f"conf/data/{params.data}.yaml: data.name must be {params.data!r}, like the file")
            config["recipe"]["starts_from"] = check_start(config["recipe"], item)
            check_fit(config)
            check_backbone_size(config)
            configs[name] = config
    check_start_size(configs)
    check_same_seeds(configs)
    check_all_parts(configs)
    return configs


def free_counts(composed: DictConfig, values: Mapping[str, Any]) -> dict[str, Any]:
    """``freed_counts`` of the values in params.yaml, for data that can do without numbers."""
    return dict(freed_counts(values)) if "per_class" in composed.data else {}


def compose_recipes(overrides: Sequence[str], here: Path) -> tuple[dict[str, Any], Configs]:
    """The configuration that ``overrides`` give, and that of each recipe in its list, checked, with absolute paths.

    here: where relative paths start. Raises UserError.
    """
    overrides = [add_open_key(word) for word in overrides]
    with _options():
        whole = absolute_paths(plain(compose("config", overrides)), here)
        configs = {
            name: absolute_paths(plain(compose("config", [*overrides, f"recipe={name}"])), here)
            for name in whole["recipes"]
        }
    for config in configs.values():
        check_fit(config)
        check_backbone_size(config)
    check_start_size(configs)
    check_same_seeds(configs)
    check_all_parts(configs)
    return whole, configs


def choose_recipes(overrides: Sequence[str]) -> tuple[str, dict[str, dict[str, str]]]:
    """The name of the dataset of ``overrides``, and the entry in params.yaml of each of its recipes: {stage, from}.

    Raises UserError, also for a recipe that starts from another outside the list.
    """
    whole, configs = compose_recipes(overrides, CHECKOUT)
    if not configs:
        raise UserError("recipes is empty: name one or more")
    items = {name: start_of(config["recipe"]) for name, config in configs.items()}
    check_list(items)
    return str(whole["data"]["name"]), items


@contextmanager
def _options() -> Iterator[None]:
    """The option files of this checkout, for ``compose``, with errors in one line."""
    register_schema()
    with readable_errors(), initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"):
        yield
