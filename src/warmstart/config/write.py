"""Writing the resolved configuration where DVC watches it, without the places of the files outside that it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from warmstart.config.escape import escape_all
from warmstart.config.fit import check_list
from warmstart.config.inputs import REQUEST, request_of, take_paths
from warmstart.config.views import CACHE_PHASES, DATA_STAGES, RECIPE_STAGES, view
from warmstart.digest import digest
from warmstart.files import replace_dir, write_text

HEADER = "# Written by pipelines/compose.py from conf/ and params.yaml: edit those.\n"
# What makes a cut file a primary config of Hydra's that leaves no trace of its own.
FRAME: dict[str, Any] = {
    "defaults": [{"override hydra/job_logging": "none"}, {"override hydra/hydra_logging": "none"}, "_self_"],
    "hydra": {"output_subdir": None, "job": {"chdir": False}, "run": {"dir": "."}},
    "out_dir": None,
    "init_from": None,
    "model_dir": None,
}


def write_views(folder: Path, configs: Mapping[str, dict[str, Any]], recipes: Mapping[str, Mapping[str, str]]) -> None:
    """Write ``<stage>.yaml`` and ``<recipe>/<stage>.yaml`` below ``folder``, and what the stage list_inputs is asked to list.

    configs: recipe → resolved configuration; recipes: recipe → {stage, from}, for the stage's name. Raises UserError.
    """
    check_list(recipes)
    first = next(iter(configs.values()))
    # The heads on flattened maps are among ``cached``; a linear probe pools whatever the cache holds besides.
    cached = next((c for phase in reversed(CACHE_PHASES) for c in configs.values() if c["recipe"]["phase"] == phase), None)
    with replace_dir(folder) as aside:
        for stage in DATA_STAGES:
            content = view(cached or first, stage) if stage == "feature_extract" else view(first, stage)
            if stage == "compare":
                content["recipes"] = list(configs)
            if stage == "feature_extract" and cached is None:
                content = {"data": content["data"], "backbone": None}  # nothing to run, and nothing that could change it
            _write(aside, stage, content)
        for name, config in configs.items():
            for stage in (recipes[name]["stage"], *RECIPE_STAGES):
                _write(aside / name, stage, view(config, stage))
        write_text(aside / REQUEST, HEADER + yaml.safe_dump(request_of(first["data"], cached, configs), sort_keys=False))


def _write(folder: Path, stage: str, content: dict[str, Any]) -> None:
    """The stage's configuration, which DVC compares, and beside it the paths that it names, which DVC does not."""
    content, paths = take_paths(content)
    framed = _framed(escape_all(content))
    if paths:
        framed["defaults"] = [f"{stage}_paths", *FRAME["defaults"]]
        write_text(folder / f"{stage}_paths.yaml", HEADER + yaml.safe_dump(escape_all(paths), sort_keys=False))
    write_text(folder / f"{stage}.yaml", HEADER + yaml.safe_dump(framed, sort_keys=False))


def _framed(content: dict[str, Any]) -> dict[str, Any]:
    """The content as a primary config, so that no two contents look the same to DVC's cache of runs.

    That cache (DVC 3.67, ``stage/cache.py``) leaves out all that is called ``size`` or ``nfiles``, at any depth, so that it would bring
    back images of another data.size. A digest of the content, where Hydra keeps variables of the environment, tells them apart.
    """
    if not _names(content) & {"size", "nfiles"}:
        return FRAME | content
    job = {**FRAME["hydra"]["job"], "env_set": {"WARMSTART_CONFIGURATION": digest(content)}}
    return FRAME | {"hydra": {**FRAME["hydra"], "job": job}} | content


def _names(tree: Any) -> set[str]:
    """All keys, at any depth."""
    inside = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return {*(tree if isinstance(tree, dict) else ()), *(name for item in inside for name in _names(item))}
