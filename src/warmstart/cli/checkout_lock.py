"""One run at a time in a checkout, since params.yaml says what DVC runs; and repairs after a run that was killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from filelock import FileLock, Timeout

from warmstart.cli import messages
from warmstart.cli.checkout import Checkout
from warmstart.cli.dvc.lockfile import restore_copy
from warmstart.cli.dvc.processes import exclude_dvc, remove_stale_locks
from warmstart.cli.restore import undo_killed_run
from warmstart.errors import UserError
from warmstart.runtime.console import warn

MAX_WAIT_SECONDS = 3.0  # for a short command of DVC, such as `dvc status`; DVC itself waits as long


@contextmanager
def checkout_lock(checkout: Checkout) -> Iterator[None]:
    """Hold the checkout. Raises UserError where another ``warmstart run`` or a ``dvc repro`` is at work in it."""
    lock = _lock(checkout)
    try:
        lock.acquire(timeout=1)  # other commands hold it for a moment, for repairs
    except Timeout:
        raise UserError(messages.RUN_AT_WORK) from None
    try:
        if process := repair(checkout, MAX_WAIT_SECONDS):
            raise UserError(messages.DVC_AT_WORK.format(process=f" (process {process})" if process > 0 else ""))
        undo_killed_run(checkout)
        yield
    finally:
        lock.release()


def repair_if_idle(checkout: Checkout) -> None:
    """Repair the checkout where no run is at work in it and this user may write to it; else leave it as it is."""
    if not (checkout.root / ".dvc").is_dir():
        return
    with suppress(OSError, Timeout), _lock(checkout).acquire(timeout=0):
        if not repair(checkout):
            undo_killed_run(checkout)


def repair(checkout: Checkout, wait: float = 0.0) -> int | None:
    """Repair DVC's own files after a command that was killed, and report what was done.

    Where a DVC is still at work after ``wait`` seconds, returns its process and touches nothing.
    """
    with exclude_dvc(checkout.root, wait) as process:
        if process is not None:
            return process
        for done in (remove_stale_locks(checkout.root), restore_copy(checkout.root)):
            if done:
                warn(done)
    return None


def _lock(checkout: Checkout) -> FileLock:
    file = checkout.root / ".dvc" / "tmp" / "warmstart.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(file)
