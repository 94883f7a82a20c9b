"""Hydra's part of the work: the typed schema registered, a configuration turned into plain data."""

from __future__ import annotations

from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from warmstart.config import data_schema, schema
from warmstart.errors import UserError


def register_schema() -> None:
    """Make the dataclasses of ``warmstart.config.schema`` known to Hydra, under /schema."""
    store = ConfigStore.instance()
    store.store(group="schema", name="config", node=schema.Config, package="_global_")
    for node in data_schema.SOURCES:
        name = node.__name__.lower()
        store.store(group="schema/data", name=name, node=node)


def plain(composed: DictConfig) -> dict[str, Any]:
    """Resolve every reference and return dictionaries, lists, strings and numbers. Raises UserError, naming the key."""
    try:
        out = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True, enum_to_str=True)
    except OmegaConfBaseException as error:
        raise UserError(f"configuration: {str(error).splitlines()[0]} ({getattr(error, 'full_key', '')})") from None
    assert isinstance(out, dict)
    return {str(key): value for key, value in out.items() if key != "hydra"}
