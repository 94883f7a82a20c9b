"""What a stage reads, as it is found by watching it open files, and the ways in which such a file may be damaged."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from support import CHECKOUT
from warmstart.runtime.machine_errors import sentence

DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda data: None,
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "an object": lambda data: b"{}",
    "a list": lambda data: b"[]",
    "garbage": lambda data: bytes((i * 37 + 11) % 256 for i in range(len(data))),
}
_watched: list[tuple[Path, set[Path]]] = []


@dataclass(frozen=True)
class Stage:
    """A stage on a dataset's folder. run: does its work and returns what may be compared of its result, and what it
    says was left out. marks: files whose absence means that their stage has not run, which is no fault.
    """

    name: str
    run: Callable[[Path], tuple[Any, str]]
    marks: tuple[str, ...] = ()


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched and event == "open" and isinstance(arguments[0], (str, bytes)):
        root, found = _watched[-1]
        path = Path(os.path.abspath(os.fsdecode(arguments[0])))
        writes = isinstance(arguments[1], str) and arguments[1][:1] in "wax"
        if not writes and path.is_relative_to(root) and path.is_file():
            found.add(path.relative_to(root))


@contextmanager
def files_opened(root: Path) -> Iterator[set[Path]]:
    """The files below ``root`` that are opened for reading inside, as paths from there; safetensors', which Python does
    not open, too.
    """
    import safetensors.torch

    from warmstart.models import weights  # noqa: F401
    from warmstart.serving import package

    found: set[Path] = set()
    if not _watched:
        _hook()
    _watched.append((root.resolve(), found))
    load = safetensors.torch.load_file

    def noted(name: Any, *rest: Any, **options: Any) -> Any:
        _note("open", (str(name), "r"))
        return load(name, *rest, **options)

    package.load_file = safetensors.torch.load_file = noted
    try:
        yield found
    finally:
        package.load_file = safetensors.torch.load_file = load
        _watched.pop()


_hooked: list[bool] = []


def _hook() -> None:
    """A hook cannot be taken away again, so there is one."""
    if not _hooked:
        sys.addaudithook(_note)
        _hooked.append(True)


@contextmanager
def damaged(file: Path, how: str) -> Iterator[None]:
    """The file is damaged inside, and as it was afterwards."""
    data = file.read_bytes()
    broken = DAMAGE[how](data)
    try:
        if broken is None:
            file.unlink()
        else:
            file.write_bytes(broken)
        yield
    finally:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def complaint(stage: Stage, root: Path, file: Path, how: str, good: Any) -> str | None:
    """What is wrong with how the stage takes the damaged file; None where it says so in a sentence, or gives the result
    all the same.
    """
    with damaged(root / file, how):
        try:
            result, left_out = stage.run(root)
        except Exception as error:
            said = sentence(error)
            if said is None:
                return f"{type(error).__name__}: {error}"
            if file.name not in said and file.parent.name not in said:
                return f"the file is not named: {said}"
            if not any(word in said for word in ("dvc repro", "again", "pipelines/")):
                return f"no remedy: {said}"
            return "several lines" if "\n" in said else None
    if str(file) in left_out or (how == "missing" and file.as_posix().endswith(stage.marks)):
        return None
    return None if result == good else f"another result in silence: {result} for {good}"[:300]


def entry(name: str) -> ModuleType:
    """The entry point ``pipelines/<name>.py`` as a module."""
    spec = importlib.util.spec_from_file_location(f"entry_{name}", CHECKOUT / "pipelines" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def quiet() -> None:
    """No bars and lines of the library that trains."""
    for name in ("lightning.pytorch", "pytorch_lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
