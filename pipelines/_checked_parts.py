"""The parts that recipes name are checked when they are composed, and what has been found right is not checked again:
the check imports the libraries, which takes longer than composing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from _app import CHECKOUT
from warmstart.config.target import TARGET
from warmstart.errors import UserError
from warmstart.files.plain import write_bytes

CHECKED = CHECKOUT / "artifacts" / ".digests" / ".parts"
GROUPS = ("optimizer", "scheduler", "callbacks", "augment", "trainer")
STABLE = ("torch", "pytorch_lightning", "albumentations", "timm", "warmstart")  # whose code changes with their versions
PACKAGES = ("torch", "pytorch-lightning", "albumentations", "timm")
MAX_KEPT = 200


def check_all_parts(configs: Mapping[str, Mapping[str, Any]]) -> None:
    """``_parts.check_parts`` of each recipe's configuration. Raises UserError, naming the recipe and the key.

    A training checks its own again when it begins.
    """
    known, now = _load(CHECKED), []
    for name, config in configs.items():
        parts = {group: config.get(group) for group in GROUPS}
        digest = _digest(parts)
        if digest not in known and digest not in now:
            from _parts import check_parts

            try:
                check_parts(parts)
            except UserError as error:
                raise UserError(f"recipe {name}: {error}") from None
        if all(path.partition(".")[0] in STABLE for path in _targets(parts)):
            now.append(digest)
    if set(now) - set(known):
        try:
            write_bytes(CHECKED, json.dumps(list(dict.fromkeys([*now, *known]))[:MAX_KEPT]).encode())
        except OSError:  # then they are checked again
            return


def _digest(parts: Mapping[str, Any]) -> str:
    versions = [version(package) for package in PACKAGES]
    return hashlib.sha256(json.dumps([parts, versions], sort_keys=True).encode()).hexdigest()


def _targets(node: Any) -> list[str]:
    if isinstance(node, Mapping):
        own = [node[TARGET]] if isinstance(node.get(TARGET), str) else []
        return [*own, *(path for value in node.values() for path in _targets(value))]
    return [path for item in node for path in _targets(item)] if isinstance(node, list) else []


def _load(path: Path) -> list[str]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return found if isinstance(found, list) else []
