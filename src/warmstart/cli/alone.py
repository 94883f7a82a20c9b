"""One run at a time in a checkout: params.yaml says what DVC runs, so nobody else may change it meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from warmstart.cli.checkout import Checkout
from warmstart.cli.failures import is_running
from warmstart.errors import UserError


@contextmanager
def alone(checkout: Checkout) -> Iterator[None]:
    """Hold the checkout. Raises UserError where another ``warmstart run`` or a ``dvc repro`` is at work in it."""
    place = checkout.root / ".dvc" / "tmp" / "warmstart.lock"
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError("another `warmstart run` is at work in this checkout: wait until it has ended, or stop it") from None
    try:
        if process := _dvc(checkout):
            raise UserError(
                f"dvc is at work in this checkout (process {process}, says .dvc/tmp/rwlock): wait until it has ended, or stop it"
            )
        yield
    finally:
        lock.release()


def _dvc(checkout: Checkout) -> int | None:
    """The process of a DVC that is running stages, by the lock that it keeps; None where there is none."""
    try:
        held = json.loads((checkout.root / ".dvc" / "tmp" / "rwlock").read_text(encoding="utf-8"))
        holders = [who for users in held.values() for item in users.values() for who in (item if isinstance(item, list) else [item])]
        return next((int(who["pid"]) for who in holders if is_running(int(who["pid"]))), None)
    except (OSError, ValueError, AttributeError, KeyError, TypeError):  # DVC itself will say what is wrong with it
        return None
