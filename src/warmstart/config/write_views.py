"""Writing the resolved configuration where DVC watches it, without what changes no result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from warmstart.config.escape import escape_all
from warmstart.config.input_size import feature_sizes, image_sizes
from warmstart.config.inputs import REQUEST, request_of
from warmstart.config.learning_curve import check_curves, training_views, trainings_files
from warmstart.config.recipe_list import check_list
from warmstart.config.unwatched import take_unwatched
from warmstart.config.views import CACHE_PHASES, DATA_STAGES, RECIPE_STAGES, view
from warmstart.files.plain import replace_dir, write_text

HEADER = "# Written by pipelines/compose.py from conf/ and params.yaml: edit those.\n"
# What makes a cut file a primary config of Hydra's that leaves no trace of its own.
FRAME: dict[str, Any] = {
    "defaults": [{"override hydra/job_logging": "none"}, {"override hydra/hydra_logging": "none"}, "_self_"],
    "hydra": {"output_subdir": None, "job": {"chdir": False}, "run": {"dir": "."}},
    "out_dir": None,
    "init_from": None,
    "model_dir": None,
}


def write_views(
    folder: Path,
    configs: Mapping[str, dict[str, Any]],
    recipes: Mapping[str, Mapping[str, str]],
    curves: Sequence[str] = (),
) -> None:
    """Write ``<stage>.yaml`` and ``<recipe>/<stage>.yaml`` below ``folder``, and what the stage list_inputs is asked to
    list.

    configs: recipe → resolved configuration; recipes: recipe → {stage, from}, for the stage's name. curves: recipes
    that have a learning curve. Raises UserError.
    """
    check_list(recipes)
    check_curves(curves, configs)
    first = next(iter(configs.values()))
    # The heads on flattened maps are among ``cached``; a linear probe pools whatever the cache holds besides.
    cached = next(
        (c for phase in reversed(CACHE_PHASES) for c in configs.values() if c["recipe"]["phase"] == phase), None
    )
    with replace_dir(folder) as aside:
        for stage in DATA_STAGES:
            content = view(cached or first, stage) if stage == "feature_extract" else view(first, stage)
            if stage == "prepare":
                content["sizes"] = [size for size in image_sizes(configs.values()) if size != first["data"]["size"]]
            if stage == "compare":
                content["recipes"] = list(configs)
                content["learning_curves"] = list(curves)
                content["titles"] = {name: config["recipe"]["title"] for name, config in configs.items()}
            if stage == "feature_extract":
                content["sizes"] = feature_sizes(configs.values())
                if cached is None:  # nothing to run, and nothing that could change it
                    content = {"data": content["data"], "backbone": None}
            _write(aside, stage, content)
        for name, config in configs.items():
            for stage in (recipes[name]["stage"], *RECIPE_STAGES):
                _write(aside / name, stage, view(config, stage))
        for name in curves:
            _write(aside / name, "learning_curve", view(configs[name], "learning_curve"))
            for file, text in trainings_files(training_views(configs, name)).items():
                write_text(aside / name / file, HEADER + text)
        request = request_of(first["data"], cached, configs) | {"learning_curve": _chains(curves, configs)}
        write_text(aside / REQUEST, HEADER + yaml.safe_dump(request, sort_keys=False))


def _chains(curves: Sequence[str], configs: Mapping[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Of each recipe with a learning curve the recipes that are trained for it."""
    return {name: list(training_views(configs, name)) for name in curves}


def _write(folder: Path, stage: str, content: dict[str, Any]) -> None:
    """The stage's configuration, which DVC compares, and beside it keys that change no result, which DVC does not."""
    content, unwatched = take_unwatched(content)
    framed = FRAME | escape_all(content)
    if unwatched:
        framed["defaults"] = [f"{stage}_unwatched", *FRAME["defaults"]]
        write_text(folder / f"{stage}_unwatched.yaml", HEADER + yaml.safe_dump(escape_all(unwatched), sort_keys=False))
    write_text(folder / f"{stage}.yaml", HEADER + yaml.safe_dump(framed, sort_keys=False))
