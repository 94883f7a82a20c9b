"""What of the configuration is outside the checkout: where it is, and what compose writes down for those who look at
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from warmstart.config.paths import absolute_paths
from warmstart.config.target import TARGET, target_paths
from warmstart.config.views import CACHE_PHASES, PHASES, RANDOM_BACKBONE, on_backbone
from warmstart.config.weights_path import weights_file
from warmstart.errors import UserError

CHECKOUT = Path(__file__).resolve().parents[3]
REQUEST = "list_inputs.yaml"  # what compose asks the stage list_inputs to list
GROUPS = ("optimizer", "scheduler", "callbacks", "trainer")  # whose option files name classes
# Phases that start from the backbone's own weights.
USES_WEIGHTS = tuple(phase for phase in PHASES if on_backbone(phase) and phase not in (RANDOM_BACKBONE, "fine_tune"))


def check_places(data: Mapping[str, Any]) -> None:
    """Refuse (UserError) what is named and does not exist, and a folder of photos that holds this checkout.

    data: the ``data`` group, its paths absolute.
    """
    for key in ("folder", "archive", "csv", "corrections"):
        if (value := data.get(key)) and not Path(value).exists():
            raise UserError(f"data.{key}: {value} does not exist")
    folder = data.get("folder")
    if folder and data.get("source") == "folder" and CHECKOUT.is_relative_to(Path(folder).resolve()):
        raise UserError(f"data.folder: {folder} holds this checkout of Warmstart: give the folder of the photos alone")


def check_named(configs: Iterable[Mapping[str, Any]], here: Path) -> None:
    """``check_places`` for every configuration, and that local files of weights exist. here: what relative paths are
    taken from.
    """
    for config in configs:
        found = absolute_paths(dict(config), here)
        check_places(found["data"])
        if config["recipe"]["phase"] in USES_WEIGHTS:
            weights_file(**_backbone(found))


def request_of(
    data: Mapping[str, Any], cached: Mapping[str, Any] | None, configs: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What the stage list_inputs is asked for: the ``data`` group, of which backbone's weights each stage reads the
    file, and what a recipe's configuration has chosen, as far as it decides which code runs.

    cached: the configuration that features are extracted with, if any. configs: recipe → resolved configuration.
    """
    train = {
        name: _backbone(config) if config["recipe"]["phase"] in USES_WEIGHTS else None
        for name, config in configs.items()
    }
    chosen = {
        name: {
            "recipe": {key: config["recipe"][key] for key in ("family", "phase")},
            "interpret": config["interpret"],
        }
        | {"backbone": {"name": config["backbone"]["name"]}, "network": {TARGET: config["network"].get(TARGET)}}
        | {"targets": targets_of(config)}
        for name, config in configs.items()
    }
    return {
        "data": dict(data),
        "feature_extract": _backbone(cached) if cached else None,
        "train": train,
        "chosen": chosen,
    }


def targets_of(config: Mapping[str, Any]) -> list[str]:
    """The paths of the classes that the option files of a training name. config: a recipe's, or what ``request_of``
    keeps of it.
    """
    if "targets" in config:
        return list(config["targets"])
    groups = GROUPS if config["recipe"]["phase"] in CACHE_PHASES else (*GROUPS, "augment")
    return sorted({path for group in groups for path in target_paths(config.get(group))})


def _backbone(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: config["backbone"][key] for key in ("name", "weights")}
