"""One run at a time in a checkout, for params.yaml says what DVC runs; and what a dead one has left is mended before the next begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from filelock import FileLock, Timeout

from warmstart.cli.at_work import clear_leftovers, dvc_held_off
from warmstart.cli.checkout import Checkout
from warmstart.cli.dvc_lock import put_back
from warmstart.cli.unfinished import undo_unfinished
from warmstart.errors import UserError
from warmstart.runtime.console import warn

WAIT = 3.0  # seconds that a short command of DVC's, such as `dvc status`, is waited for, as by DVC itself


@contextmanager
def alone(checkout: Checkout) -> Iterator[None]:
    """Hold the checkout. Raises UserError where another ``warmstart run`` or a ``dvc repro`` is at work in it."""
    lock = _lock(checkout)
    try:
        lock.acquire(timeout=1)  # other commands have it for a moment, to mend
    except Timeout:
        raise UserError(
            "another `warmstart run` is at work in this checkout: wait until it has ended, or stop it"
        ) from None
    try:
        if process := mend(checkout, WAIT):
            which = f" (process {process})" if process > 0 else ""
            raise UserError(f"dvc is at work in this checkout{which}: wait until it has ended, or stop it")
        undo_unfinished(checkout)
        yield
    finally:
        lock.release()


def mend_if_alone(checkout: Checkout) -> None:
    """Mend the checkout where nobody is at work in it and this user may write to it; else leave it as it is."""
    if not (checkout.root / ".dvc").is_dir():
        return
    with suppress(OSError, Timeout), _lock(checkout).acquire(timeout=0):
        if not mend(checkout):
            undo_unfinished(checkout)


def mend(checkout: Checkout, wait: float = 0.0) -> int | None:
    """Put in order what DVC's own files hold of a command that was killed, and say what was done.

    Returns the process of a DVC that is at work, where nothing is touched; None where there is none. wait: seconds for that to end.
    """
    with dvc_held_off(checkout.root, wait) as process:
        if process is not None:
            return process
        for done in (clear_leftovers(checkout.root), put_back(checkout.root)):
            if done:
                warn(done)
    return None


def _lock(checkout: Checkout) -> FileLock:
    place = checkout.root / ".dvc" / "tmp" / "warmstart.lock"
    place.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(place)
