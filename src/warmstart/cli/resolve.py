"""The configuration that a stage would be given, asked of a stage: Hydra stays on its side."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any

import yaml

from warmstart.cli.checkout import Checkout
from warmstart.cli.running import arguments, environment
from warmstart.errors import UserError


def resolve(checkout: Checkout, overrides: Sequence[str]) -> dict[str, Any]:
    """The whole configuration, as plain data. Raises UserError, naming the key, where an override cannot be."""
    command = arguments(["python", "pipelines/train.py", *overrides, "--cfg", "job", "--resolve"])
    done = subprocess.run(command, cwd=checkout.root, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("Set the environment")]
        raise UserError("; ".join(dict.fromkeys(lines[-3:])) or "the configuration cannot be composed")
    config: dict[str, Any] = yaml.safe_load(done.stdout)
    return config
