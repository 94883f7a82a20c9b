"""A run that ends before an epoch of training leaves the settings as they were; one that is killed, by a note."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from warmstart.cli.checkout import Checkout
from warmstart.cli.dvc.lockfile import LOCKFILE, save_copy
from warmstart.cli.messages import UNDONE
from warmstart.files.digest import digest
from warmstart.files.plain import write_bytes, write_json
from warmstart.runtime.console import warn
from warmstart.runtime.interrupts import undisturbed

COMPOSED = ("conf", "inputs")  # below artifacts/<dataset>


@dataclass(frozen=True)
class Note:
    """What a run of the dataset ``name`` changes and creates; a file keeps it until an epoch is done.

    before: file → its content, None where there was none. composed: the settings below the dataset's folder that were
    not there. folder: whether that folder was not there.
    """

    checkout: Checkout
    before: Mapping[Path, bytes | None]
    name: str
    composed: list[str]
    folder: bool

    @classmethod
    def of(cls, checkout: Checkout, name: str, files: Iterable[Path]) -> Note:
        """The note of a run that is about to begin and to change ``files``."""
        folder = checkout.dataset(name)
        composed = [part for part in COMPOSED if not (folder / part).exists()]
        return cls(checkout, {path: _read(path) for path in files}, name, composed, not folder.exists())

    def write(self) -> None:
        """Note how the files are now, as this run has written them."""
        root = self.checkout.root
        before = {str(path.relative_to(root)): _to_text(content) for path, content in self.before.items()}
        written = {str(path.relative_to(root)): _digest(path) for path in self.before}
        made = {"name": self.name, "composed": self.composed, "folder": self.folder}
        with suppress(OSError):  # without it the run can go on
            write_json(_note_path(self.checkout), {"made": made, "before": before, "written": written})

    def remove(self) -> None:
        """The settings stay, or are as they were."""
        with suppress(OSError):
            _note_path(self.checkout).unlink(missing_ok=True)

    def undo(self) -> None:
        """Restore the files, remove the settings that were composed and every empty folder; decoded photos stay."""
        for path, content in self.before.items():
            _restore(path, content)
        for part in set(self.composed) & set(COMPOSED):
            shutil.rmtree(self.checkout.dataset(self.name) / part, ignore_errors=True)
        if self.folder:
            remove_empty(self.checkout.dataset(self.name))


@contextmanager
def restored_on_failure(
    checkout: Checkout, name: str, option: Path | None, trained: Callable[[], bool]
) -> Iterator[Note]:
    """Restore ``option``, params.yaml and dvc.lock, byte for byte, where this ends early before ``trained()``.

    What was composed for a new dataset, and its empty folders, are removed. Gives the note: write it when the settings
    have been changed, remove it when an epoch is done.
    """
    lockfile = checkout.root / LOCKFILE
    locked = _read(lockfile)
    note = Note.of(checkout, name, filter(None, (option, checkout.root / "params.yaml")))
    try:
        yield note
    except BaseException:
        with undisturbed():
            if not trained():
                note.undo()
                _restore(lockfile, locked)
                save_copy(checkout.root)
            note.remove()
        raise
    note.remove()


def undo_killed_run(checkout: Checkout) -> None:
    """Restore what a killed run has changed, where it trained nothing and the files have not been edited since.

    To be called where no run is at work in the checkout.
    """
    file = _note_path(checkout)
    try:
        noted = json.loads(file.read_text(encoding="utf-8"))
        before = {checkout.root / path: _to_bytes(content) for path, content in noted["before"].items()}
        note = Note(checkout, before, **noted["made"])
        untouched = all(_digest(checkout.root / path) == value for path, value in noted["written"].items())
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        file.unlink(missing_ok=True)
        return
    changed = [path for path, content in before.items() if content != _read(path)]
    if changed and untouched and not _trained_since(checkout, note.name, file.stat().st_mtime):
        note.undo()
        files = " and ".join(str(path.relative_to(checkout.root)) for path in changed)
        warn(UNDONE.format(files=files, are="is" if len(changed) == 1 else "are"))
    file.unlink(missing_ok=True)


@contextmanager
def no_empty_folder(folder: Path) -> Iterator[None]:
    """Remove ``folder`` where this ends early, has created it and has left it empty."""
    new = not folder.exists()
    try:
        yield
    except BaseException:
        if new:
            remove_empty(folder)
        raise


def remove_empty(folder: Path) -> None:
    """Remove a folder and those in it, as far as they hold no file."""
    inside = (path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())
    for path in (*sorted(inside, reverse=True), folder):
        with suppress(OSError):
            path.rmdir()


def _restore(path: Path, content: bytes | None) -> None:
    """Give a file its earlier content, with its mode; None where there was none."""
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != content:
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        write_bytes(path, content)
        if mode is not None:
            path.chmod(mode)


def _trained_since(checkout: Checkout, name: str, time: float) -> bool:
    files = [*checkout.root.glob("artifacts/.resume/*/*"), *checkout.dataset(name).glob("recipes/*/model/run.json")]
    return any(path.stat().st_mtime >= time for path in files)


def _note_path(checkout: Checkout) -> Path:
    return checkout.root / ".dvc" / "tmp" / "warmstart" / "unfinished.json"


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _digest(path: Path) -> str | None:
    return digest(_to_text(path.read_bytes())) if path.exists() else None


def _to_text(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode("ascii")


def _to_bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
