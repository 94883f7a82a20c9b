"""The configurations that stages would be given, composed by ``pipelines/preview.py``: this package has no Hydra."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

from warmstart.cli.checkout import Checkout
from warmstart.cli.dvc.commands import arguments
from warmstart.cli.runner import environment
from warmstart.config.stages import RecipeConfig, recipe_configs
from warmstart.errors import UserError

Configs = dict[str, RecipeConfig]  # by recipe


def compose_configs(checkout: Checkout, overrides: Sequence[str], recipes: Sequence[str] | None = None) -> Configs:
    """The configuration of each recipe. recipes: None for those of the data. Raises UserError for a wrong override."""
    listed = [f"recipes=[{','.join(recipes)}]"] if recipes is not None else []
    command = arguments(["python", "pipelines/preview.py", *overrides, *listed])
    done = subprocess.run(command, cwd=checkout.root, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(_message(done.stderr))
    return recipe_configs(json.loads(done.stdout))


def _message(errors: str) -> str:
    """The whole message of a stage that refused."""
    _, found, message = errors.rpartition("error: ")
    lines = [line for line in errors.splitlines() if line.strip()]
    return (
        message.strip()
        if found
        else f"the configuration cannot be composed: {lines[-1] if lines else 'no reason given'}"
    )
