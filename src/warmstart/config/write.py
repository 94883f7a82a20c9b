"""Writing the resolved configuration where DVC watches it, with links to the files outside that it depends on."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from warmstart.config.escape import escape_all
from warmstart.config.fit import check_list
from warmstart.config.views import CACHE_PHASES, DATA_STAGES, RECIPE_STAGES, view
from warmstart.errors import UserError
from warmstart.files import digest, replace_dir, write_text

log = logging.getLogger(__name__)
CHECKOUT = Path(__file__).resolve().parents[3]
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
    """Write ``<stage>.yaml`` and ``<recipe>/<stage>.yaml`` below ``folder``, and the links ``inputs/…`` of what they read.

    configs: recipe → resolved configuration; recipes: recipe → {stage, from}, for the stage's name.
    Raises UserError when a file or folder that a configuration names does not exist.
    """
    check_list(recipes)
    first = next(iter(configs.values()))
    # The heads on flattened maps are among ``cached``; a linear probe pools whatever the cache holds besides.
    cached = next((c for phase in reversed(CACHE_PHASES) for c in configs.values() if c["recipe"]["phase"] == phase), None)
    with replace_dir(folder) as aside:
        (aside / "inputs").mkdir()
        write_text(aside / "inputs" / "nothing", "this stage reads no file from outside\n")
        for stage in DATA_STAGES:
            content = view(cached or first, stage) if stage == "feature_extract" else view(first, stage)
            if stage == "compare":
                content["recipes"] = list(configs)
            if stage == "feature_extract" and cached is None:
                content = {"data": content["data"], "backbone": None}  # nothing to run, and nothing that could change it
            _write(aside / f"{stage}.yaml", content)
        for name, path in data_inputs(first["data"]).items():
            _link(aside / "inputs" / name, path)
        _link(aside / "inputs" / "feature_extract", _weights_path(cached) if cached else None)
        for name, config in configs.items():
            for stage in (recipes[name]["stage"], *RECIPE_STAGES):
                _write(aside / name / f"{stage}.yaml", view(config, stage))
            uses = config["recipe"]["phase"] in ("probe", "cached", "frozen")
            _link(aside / "inputs" / name, _weights_path(config) if uses else None)


def _write(path: Path, content: dict[str, Any]) -> None:
    write_text(path, HEADER + yaml.safe_dump(_framed(escape_all(content)), sort_keys=False))


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


def _link(path: Path, target: Path | None) -> None:
    """Link to what is watched; to a file that never changes where there is nothing."""
    path.symlink_to(target if target else "nothing")


def data_inputs(data: Mapping[str, Any]) -> dict[str, Path | None]:
    """What ``prepare`` reads from outside, by the name of its link: ``data`` (photos), ``table`` (their csv), ``corrections``.

    data: the ``data`` group. Raises UserError when something that it names does not exist.
    """
    for key in ("folder", "archive", "csv", "corrections"):
        if (value := data.get(key)) and not Path(value).exists():
            raise UserError(f"data.{key}: {value} does not exist")
    table = Path(data["csv"]) if data.get("csv") else None
    named = data.get("folder") or data.get("archive")
    photos = Path(named) if named else table.parent if table else None
    if photos and _holds(photos, (CHECKOUT, *([] if named else [Path.home()]))):
        if named:
            raise UserError(f"data.folder: {photos} holds this checkout of Warmstart: give the folder of the photos alone")
        log.warning("changes to the photos in %s will not be noticed by DVC: set data.folder to the folder that holds them", table)
        photos = None
    corrections = data.get("corrections")
    return {"data": photos, "table": table, "corrections": Path(corrections) if corrections else None}


def _holds(folder: Path, others: Sequence[Path]) -> bool:
    """Whether one of the others is in ``folder``, or is it: far too much to watch, and DVC refuses what it lies in itself."""
    return any(other.resolve().is_relative_to(folder.resolve()) for other in others)


def _weights_path(config: Mapping[str, Any]) -> Path | None:
    from warmstart.config.weights import weights_file

    return weights_file(config["backbone"]["name"], config["backbone"]["weights"])
