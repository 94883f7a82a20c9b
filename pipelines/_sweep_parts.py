"""Mistakes that all jobs of a sweep share are found before the first of them."""

from __future__ import annotations

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from _checked_parts import GROUPS, check_all_parts
from _study import has_study
from warmstart.config.selection import SELECTABLE, selected_by
from warmstart.errors import UserError

INTERVAL = "{word} is a range, which Optuna searches: add sweep=optuna, or list values, as in {key}={low},{high}"
DIRECTION = (
    "select_by is {name}, of which {which} is better, but Optuna would {direction} it: add "
    "hydra.sweeper.direction={wanted}"
)
SEVERAL_METRICS = (
    "{key} differs between trials, and with it the metric by which they are compared: name one for all with select_by"
)
CHOOSERS = (*GROUPS, "recipe", "data", "experiment")  # groups that decide which parts there are


def check_sweep(config: DictConfig) -> None:
    """Refuse (UserError) a range that nobody searches, a metric that Optuna cannot compare trials by, and a mistake in
    the parts that all jobs have.

    config: without what differs. Where option files differ, each job is checked by itself.
    """
    overrides = OverridesParser.create().parse_overrides([str(word) for word in config.hydra.overrides.task])
    for each in overrides:
        if isinstance(sweep := each.value(), IntervalSweep) and not has_study(config):
            key, word = each.key_or_group, str(each.input_line).lstrip("+")
            raise UserError(INTERVAL.format(word=word, key=key, low=sweep.start, high=sweep.end))
    if has_study(config):
        _check_metric(config, [each.key_or_group for each in overrides if each.is_sweep_override()])
    if any(each.is_sweep_override() and each.key_or_group in CHOOSERS for each in overrides):
        return
    try:
        parts = {group: OmegaConf.to_container(config[group], resolve=True) for group in (*GROUPS, "network")}
        parts["recipe"] = {"phase": str(config.recipe.phase)}
        recipe = str(config.recipe.name)
    except OmegaConfBaseException:  # a reference to what differs: each job says it
        return
    check_all_parts({recipe: parts})


def _check_metric(config: DictConfig, swept: list[str]) -> None:
    decides = [key for key in swept if key == "select_by" or (config.select_by is None and key.startswith("balance"))]
    if decides:
        raise UserError(SEVERAL_METRICS.format(key=decides[0]))
    name, direction = selected_by(config), str(config.hydra.sweeper.direction)
    wanted, which = ("maximize", "higher") if SELECTABLE[name].higher_is_better else ("minimize", "lower")
    if direction != wanted:
        raise UserError(DIRECTION.format(name=name, which=which, direction=direction, wanted=wanted))
