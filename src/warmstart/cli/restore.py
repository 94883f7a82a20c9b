"""A run that fails before an epoch of training is done leaves the settings as they were, so that the next one does not fail with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from warmstart.cli.checkout import Checkout
from warmstart.cli.dvc_lock import keep
from warmstart.cli.unfinished import Made, Note, put_back, remove_empty
from warmstart.runtime.interrupts import undisturbed


@contextmanager
def restored_on_failure(
    checkout: Checkout, name: str, option: Path | None, trained: Callable[[], bool]
) -> Iterator[Note]:
    """Put back ``option``, params.yaml and dvc.lock, byte for byte, where this ends early, for whatever reason, before ``trained()``.

    Of a dataset ``name`` that had no folder, the settings that were composed and every empty folder go too; decoded photos stay.
    Gives the note by which the next command does so where this process is killed: to be written when the settings have been changed,
    and removed when an epoch is done.
    """
    files = [path for path in (option, checkout.root / "params.yaml") if path]
    lock = checkout.root / "dvc.lock"
    before = {path: path.read_bytes() if path.exists() else None for path in [*files, lock]}
    made = Made.by(checkout, name)
    note = Note(checkout, {path: before[path] for path in files}, made)
    try:
        yield note
    except BaseException:
        with undisturbed():
            if not trained():
                for path, content in before.items():
                    put_back(path, content)
                made.remove(checkout)
                keep(checkout.root)
            note.remove()
        raise
    note.remove()


@contextmanager
def no_empty_folder(folder: Path) -> Iterator[None]:
    """Remove ``folder`` where this ends early, has made it and has left it empty."""
    new = not folder.exists()
    try:
        yield
    except BaseException:
        if new:
            remove_empty(folder)
        raise
