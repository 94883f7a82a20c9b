"""A note of the settings that a run has changed, so that a run killed before it trained anything leaves them as they were, too."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from warmstart.cli.checkout import Checkout
from warmstart.files.digest import digest
from warmstart.files.plain import write_bytes, write_json
from warmstart.runtime.console import warn

COMPOSED = ("conf", "inputs")  # below artifacts/<dataset>


@dataclass(frozen=True)
class Made:
    """What a run of the dataset ``name`` makes that was not there. composed: of the folders of its settings; folder: its own."""

    name: str
    composed: list[str]
    folder: bool

    @classmethod
    def by(cls, checkout: Checkout, name: str) -> Made:
        """By a run that is about to begin."""
        folder = checkout.dataset(name)
        return cls(name, [part for part in COMPOSED if not (folder / part).exists()], not folder.exists())

    def remove(self, checkout: Checkout) -> None:
        """Remove the settings that were composed and every empty folder; decoded photos stay."""
        for part in set(self.composed) & set(COMPOSED):
            shutil.rmtree(checkout.dataset(self.name) / part, ignore_errors=True)
        if self.folder:
            remove_empty(checkout.dataset(self.name))


class Note:
    """Written when a run begins, gone when its settings stay or have been put back; what is left is of one that was killed.

    before: file → content, None where there was none.
    """

    def __init__(self, checkout: Checkout, before: Mapping[Path, bytes | None], made: Made) -> None:
        self.checkout, self.before, self.made = checkout, before, made

    def write(self) -> None:
        """Note how the files are now, as this run has written them."""
        before = {str(path.relative_to(self.checkout.root)): _text(content) for path, content in self.before.items()}
        written = {str(path.relative_to(self.checkout.root)): _digest(path) for path in self.before}
        with suppress(OSError):  # it is a help, and no reason to stop
            write_json(_place(self.checkout), {"made": asdict(self.made), "before": before, "written": written})

    def remove(self) -> None:
        """The settings stay, or are as they were."""
        with suppress(OSError):
            _place(self.checkout).unlink(missing_ok=True)


def undo_unfinished(checkout: Checkout) -> None:
    """Put back what a killed run has changed, and say so, where it had trained nothing and nobody has edited the files since.

    To be called where no run is at work in the checkout.
    """
    place = _place(checkout)
    try:
        noted = json.loads(place.read_text(encoding="utf-8"))
        made = Made(**noted["made"])
        before = {checkout.root / path: _bytes(content) for path, content in noted["before"].items()}
        untouched = all(_digest(checkout.root / path) == value for path, value in noted["written"].items())
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        place.unlink(missing_ok=True)
        return
    changed = [path for path, content in before.items() if content != (path.read_bytes() if path.exists() else None)]
    if changed and untouched and not _trained(checkout, made.name, place.stat().st_mtime):
        for path in changed:
            put_back(path, before[path])
        made.remove(checkout)
        files = " and ".join(str(path.relative_to(checkout.root)) for path in changed)
        warn(
            f"an earlier run was killed before it had trained anything: {files} {'is' if len(changed) == 1 else 'are'} as before it"
        )
    place.unlink(missing_ok=True)


def put_back(path: Path, content: bytes | None) -> None:
    """Give a file the content that it had, with its mode; None where there was none."""
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != content:
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        write_bytes(path, content)
        if mode is not None:
            path.chmod(mode)


def remove_empty(folder: Path) -> None:
    """Remove a folder and those in it, as far as they hold no file."""
    for path in sorted((path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()), reverse=True):
        with suppress(OSError):
            path.rmdir()
    with suppress(OSError):
        folder.rmdir()


def _trained(checkout: Checkout, name: str, since: float) -> bool:
    """Whether a training has begun or ended since."""
    places = [*checkout.root.glob("artifacts/.resume/*/*"), *checkout.dataset(name).glob("recipes/*/model/run.json")]
    return any(path.stat().st_mtime >= since for path in places)


def _place(checkout: Checkout) -> Path:
    return checkout.root / ".dvc" / "tmp" / "warmstart" / "unfinished.json"


def _digest(path: Path) -> str | None:
    return digest(_text(path.read_bytes())) if path.exists() else None


def _text(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode("ascii")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
