"""How every entry point begins. Importing this loads no library, so that `app` answers signals at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {  # no library reports usage or looks for updates
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "NO_ALBUMENTATIONS_UPDATE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def app(stage: str, work: Callable[..., Any], default: str = "") -> None:
    """Compose the configuration of ``stage`` and call ``work(config, paths)``, which returns what a sweeper optimises.

    config: the dataclass of ``warmstart.config.stages.STAGES``. paths: a ``StagePaths``. default: an override, such as
    ``recipe=fine_tune``, that holds unless the command line sets its key.
    """
    import_warmstart()
    from warmstart.runtime.console import exit_on_user_error

    with exit_on_user_error():
        here = prepare_process()
        from _stage import run_stage

        run_stage(stage, work, default, here)


def command(work: Callable[[list[str], Path], None]) -> None:
    """Call ``work`` with the words of a command line that Hydra does not read, and the folder in which it was typed."""
    import_warmstart()
    from warmstart.runtime.console import exit_on_user_error

    with exit_on_user_error():
        work(sys.argv[1:], prepare_process())


def import_warmstart() -> None:
    """Make this checkout's package importable, answer signals, and go on in a preloaded process (docs/preload.md)."""
    if sys.path[0] != str(CHECKOUT / "src"):
        sys.path.insert(0, str(CHECKOUT / "src"))
    from warmstart.runtime.interrupts import listen
    from warmstart.runtime.preload import hand_over

    listen()
    hand_over(ENVIRONMENT)


def prepare_process() -> Path:
    """Work in the checkout, with log lines on. Returns the folder in which the command was typed."""
    from warmstart.config.paths import current_folder
    from warmstart.runtime.console import start_logging
    from warmstart.runtime.sockets import keep_sockets_short

    here = current_folder()
    os.chdir(CHECKOUT)
    os.environ.update(ENVIRONMENT)
    start_logging()
    keep_sockets_short()
    return here


def user_root() -> Path:
    """The checkout of the person; DVC sets DVC_ROOT where it runs a stage in a temporary copy of it."""
    return Path(os.environ.get("DVC_ROOT") or CHECKOUT)
