"""Hydra's part of the work: the typed schema registered, a configuration turned into plain data."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from _errors import readable_errors
from _parts import check_parts
from _sizes import fill_in_size
from warmstart.config import data_schema, schema
from warmstart.config.check import check_config
from warmstart.config.selection import selected_by
from warmstart.errors import UserError


@cache
def register_schema() -> None:
    """Once a process, make the dataclasses of ``warmstart.config.schema`` known to Hydra, under /schema."""
    store = ConfigStore.instance()
    store.store(group="schema", name="config", node=schema.Config, package="_global_")
    for node in data_schema.SOURCES:
        name = node.__name__.lower()
        store.store(group="schema/data", name=name, node=node)


def plain(composed: DictConfig, *, whole: bool = True) -> dict[str, Any]:
    """Resolve every reference; returns plain data of the schema's types.

    whole: whether every key of the schema must be there. ``recipe.size`` and ``select_by`` are filled in.
    Raises UserError, naming the key.
    """
    fill_in_size(composed)
    try:
        with readable_errors():
            out = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True, enum_to_str=True)
    except UserError:
        check_unresolved(composed)  # it rather names a value that a reference goes by, such as recipe.phase
        raise
    assert isinstance(out, dict)
    config = {str(key): value for key, value in out.items() if key != "hydra"}
    check_config(config, whole=whole)
    if "select_by" in config:
        config["select_by"] = selected_by(config)
    return config


def check_shown(folder: Path, overrides: list[str] | None) -> None:
    """Check (UserError) a configuration that ``--cfg`` shows. folder: conf/. overrides: None where nothing is shown."""
    if overrides is not None:
        with initialize_config_dir(str(folder), version_base="1.3"):
            check_parts(plain(compose("config", overrides)))


def check_unresolved(composed: DictConfig, leave_out: Collection[str] = ()) -> None:
    """Refuse (UserError) unknown keys, and values out of range that are no references. leave_out: unchecked groups."""

    def without_references(tree: Any) -> Any:
        if isinstance(tree, dict):
            return {
                str(key): without_references(value)
                for key, value in tree.items()
                if not (isinstance(value, str) and ("${" in value or value == "???"))
            }
        return tree

    tree = without_references(OmegaConf.to_container(composed, resolve=False))
    check_config({key: value for key, value in tree.items() if key not in ("hydra", *leave_out)}, whole=False)
