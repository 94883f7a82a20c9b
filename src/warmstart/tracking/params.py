"""The resolved configuration as MLflow parameters, by which runs are compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

from warmstart.config.flatten import flatten

_MAX_VALUE_CHARACTERS = 6000  # MLflow's limit
_MAX_KEY_CHARACTERS = 250  # MLflow's limit
_MAX_LIST_ITEMS = 8
_PATH_KEYS = re.compile(r"(^|_)(dir|root|out|output|state|cache)$")
_FORBIDDEN_IN_KEYS = re.compile(r"[^\w\-./: ]")


def to_params(config: Mapping[str, object]) -> dict[str, str]:
    """Parameters of a nested configuration: ``{"optimizer": {"lr": 1e-3}}`` is ``{"optimizer.lr": "0.001"}``.

    Parameters are scalars and lists of up to 8 scalars. None, paths (absolute, or under keys such as ``out_dir``) and
    values of more than 6,000 characters are left out.
    """
    texts = {key: _format(value) for key, value in flatten(config).items()}
    return {
        _FORBIDDEN_IN_KEYS.sub("_", key)[:_MAX_KEY_CHARACTERS]: text
        for key, text in texts.items()
        if text is not None and len(text) <= _MAX_VALUE_CHARACTERS and not _PATH_KEYS.search(key.rpartition(".")[2])
    }


def _format(value: object) -> str | None:
    if isinstance(value, str) and (PurePath(value).is_absolute() or value.startswith("~")):
        return None
    if isinstance(value, (str, bool, int, float)):
        return str(value)
    if isinstance(value, (list, tuple)) and 0 < len(value) <= _MAX_LIST_ITEMS:
        return ", ".join(map(str, value)) if all(isinstance(item, (str, bool, int, float)) for item in value) else None
    return None
