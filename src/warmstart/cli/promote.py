"""``warmstart promote``: the best job of a sweep as a recipe that ``dvc repro`` runs."""

from __future__ import annotations

import subprocess
from argparse import Namespace

from warmstart.cli.checkout import find_checkout
from warmstart.cli.dvc.commands import arguments
from warmstart.cli.user_environment import environment


def promote(args: Namespace) -> int:
    """Have ``pipelines/promote.py`` do it: this package has no Hydra. Returns its exit status."""
    options = [f"{key}={value}" for key in ("name", "recipe") if (value := getattr(args, key)) is not None]
    script = str(find_checkout().root / "pipelines/promote.py")
    command = arguments(["python", script, args.folder, *options])
    return subprocess.run(command, env=environment(), check=False).returncode
