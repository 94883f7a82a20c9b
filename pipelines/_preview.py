"""The configurations that a choice of data, options and values would give, without writing anything; a key that there is not is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from _app import CHECKOUT, HERE
from _compose import plain, register_schema
from warmstart.config.fit import check_fit
from warmstart.config.paths import absolute_paths
from warmstart.data.checks import check_request
from warmstart.errors import UserError


def preview(words: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Recipe → its whole configuration, as plain data, for the recipes of the data or those in the word ``recipes=[…]``.

    words: Hydra's, such as ``data=critters`` and ``schedule.epochs=3``. Raises UserError, naming the key at fault and the near one.
    """
    register_schema()
    configs: dict[str, dict[str, Any]] = {}
    with initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"):
        names: Sequence[str] = ("",)
        while names:
            name, *names = names
            composed = _composed(words, name)
            config = absolute_paths(plain(composed), HERE)
            if not name:  # the first answer says which recipes there are
                names = list(config["recipes"])
                check_request(config["data"])
                continue
            check_fit(config)
            configs[name] = config
    return configs


def _composed(words: Sequence[str], recipe: str) -> DictConfig:
    try:
        return compose("config", [*words, *([f"recipe={recipe}"] if recipe else [])])
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(_unknown_key(words) or _whole(error)) from None


def _unknown_key(words: Sequence[str]) -> str | None:
    """What is wrong with the first value whose key does not exist."""
    values = [word.partition("=")[0] for word in words if re.match(r"\w+(\.\w+)+=", word)]
    groups = sorted(path.name for path in (CHECKOUT / "conf").iterdir() if path.is_dir())
    single = [word.partition("=")[0] for word in words if re.match(r"\w+=", word)]
    try:
        base: Any = compose("config", [word for word in words if word.partition("=")[0] in ("data", *groups)])
    except (HydraException, OmegaConfBaseException):
        return None
    known = [*_keys(base), *groups]
    for key in [*values, *single]:
        if key not in known:
            near = get_close_matches(key, known, 1) or [name for name in known if name.rpartition(".")[2] == key.rpartition(".")[2]][:1]
            return f"{key} is no key of the configuration" + (
                f": did you mean {near[0]}?" if near else "; its groups are " + ", ".join(groups)
            )
    return None


def _keys(tree: Any, prefix: str = "") -> list[str]:
    """All dotted keys, of groups and of values."""
    out = []
    for key in tree:
        out.append(f"{prefix}{key}")
        node = tree._get_node(key)
        if isinstance(node, DictConfig) and not (node._is_none() or node._is_missing() or node._is_interpolation()):
            out += _keys(node, f"{prefix}{key}.")
    return out


def _whole(error: Exception) -> str:
    """All that Hydra and OmegaConf say, the key first."""
    cause: Any = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    if isinstance(cause, OmegaConfBaseException) and cause.full_key:
        return f"{cause.full_key}: {str(cause.msg or cause).splitlines()[0]}"
    return "configuration: " + "\n".join(dict.fromkeys([str(error), *([str(cause)] if cause is not error else [])]))
