"""A run that fails before an epoch of training is done leaves the settings as they were, so that the next one does not fail with them."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from warmstart.cli.checkout import Checkout
from warmstart.files import write_bytes


@contextmanager
def restored_on_failure(checkout: Checkout, name: str, option: Path | None, trained: Callable[[], bool]) -> Iterator[None]:
    """Put back ``option``, params.yaml and dvc.lock, byte for byte, where this ends early, for whatever reason, before ``trained()``.

    Of a dataset ``name`` that had no folder, the settings that were composed and every empty folder go too; decoded photos stay.
    """
    files = [path for path in (option, checkout.root / "params.yaml", checkout.root / "dvc.lock") if path]
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    folder = checkout.dataset(name)
    new, composed = not folder.exists(), [path for path in (folder / "conf", folder / "inputs") if not path.exists()]
    try:
        yield
    except BaseException:
        if not trained():
            with _undisturbed():
                for path, content in before.items():
                    _put_back(path, content)
                for path in composed:
                    shutil.rmtree(path, ignore_errors=True)
                if new:
                    _remove_empty(folder)
        raise


@contextmanager
def no_empty_folder(folder: Path) -> Iterator[None]:
    """Remove ``folder`` where this ends early, has made it and has left it empty."""
    new = not folder.exists()
    try:
        yield
    except BaseException:
        if new:
            _remove_empty(folder)
        raise


def _put_back(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != content:
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        write_bytes(path, content)
        if mode is not None:
            path.chmod(mode)


def _remove_empty(folder: Path) -> None:
    for path in sorted((path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()), reverse=True):
        with suppress(OSError):
            path.rmdir()
    with suppress(OSError):
        folder.rmdir()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C waits: this takes milliseconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in names}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
