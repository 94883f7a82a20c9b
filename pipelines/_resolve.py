"""Composing the configuration of every recipe that params.yaml lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from _app import CHECKOUT
from _compose import plain, register_schema
from _copy import options_known_to_git
from _door import readable_errors
from _panel import Panel
from warmstart.config.counts import freed_counts
from warmstart.config.paths import absolute_paths
from warmstart.config.recipe_list import check_fit, check_list
from warmstart.config.views import check_start, start_of
from warmstart.errors import UserError


def resolve_recipes(panel: Panel, here: Path) -> dict[str, dict[str, Any]]:
    """The configuration of each recipe, resolved, as plain data. here: the person's checkout, which relative paths start at.

    Paths stay as they are given, so that they hold when the checkout is moved; in a copy that DVC made of it they become absolute.
    Raises UserError, naming the option or key, before anything is written.
    """
    copied = here.resolve() != CHECKOUT
    register_schema()
    experiment = panel.groups.get("experiment") if panel.groups.get("experiment") != "none" else None
    configs = {}
    with (
        options_known_to_git(here),
        readable_errors(),
        initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"),
    ):
        for name, item in panel.recipes.items():
            data = {} if experiment else {"data": panel.data}  # an experiment says itself which data it is about
            choices = [f"{group}={option}" for group, option in {**data, "recipe": name, **panel.groups}.items()]
            composed = compose("config", choices if panel.seed is None else [*choices, f"seed={panel.seed}"])
            for key, value in {**free_counts(composed, panel.leaves), **panel.leaves}.items():
                with readable_errors("params.yaml: set."):
                    OmegaConf.update(composed, key, value, merge=False, force_add=False)
            config = absolute_paths(plain(composed), here) if copied else plain(composed)
            if config["data"]["name"] != panel.data and experiment:
                raise UserError(
                    f"params.yaml: experiment {experiment} is about {config['data']['name']}: set data to that"
                )
            if config["data"]["name"] != panel.data:
                raise UserError(f"conf/data/{panel.data}.yaml: data.name must be {panel.data!r}, like the file")
            config["recipe"]["starts_from"] = check_start(config["recipe"], item)
            check_fit(config)
            configs[name] = config
    return configs


def free_counts(composed: DictConfig, leaves: dict[str, Any]) -> dict[str, Any]:
    """``freed_counts`` of what params.yaml says, for data that can do without numbers."""
    return dict(freed_counts(leaves)) if "per_class" in composed.data else {}


def choice(overrides: list[str]) -> tuple[str, dict[str, dict[str, str]]]:
    """The dataset of ``overrides``, and what params.yaml says of each recipe that it runs: {stage, from}.

    Raises UserError for an unknown option, for a recipe that does not fit, and for one that starts from another outside the list.
    """
    register_schema()
    items = {}
    with readable_errors(), initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"):
        composed = compose("config", overrides)
        for name in composed.recipes:
            config = plain(compose("config", [*overrides, f"recipe={name}"]))
            items[str(name)] = start_of(config["recipe"])
            check_fit(config)
        if not items:
            raise UserError("recipes is empty: name one or more")
    check_list(items)
    return str(composed.data.name), items
