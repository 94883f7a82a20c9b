"""The code that a stage runs: the modules that its entry point reaches, each with a digest of its code."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

from warmstart.errors import UserError
from warmstart.files.plain import write_bytes

PACKAGE = "src/warmstart"
# Where things are, what is printed and how errors are told: nothing of it can change a result, except by failing.
PLUMBING = (
    "pipelines/_",
    f"{PACKAGE}/inputs/",
    *(f"{PACKAGE}/{name}.py" for name in ("__init__", "errors")),
    f"{PACKAGE}/text/file_sizes.py",
    *(f"{PACKAGE}/files/{name}.py" for name in ("__init__", "aside", "plain")),
    *(
        f"{PACKAGE}/runtime/{name}.py"
        for name in ("__init__", "console", "interrupts", "error_paths", "full_disk", "machine_errors", "memory")
    ),
    *(f"{PACKAGE}/runtime/{name}.py" for name in ("progress", "provenance", "sockets")),
    f"{PACKAGE}/runtime/preload",
    # What keys there are. Their values, which DVC compares, reach a stage by its composed configuration.
    *(
        f"{PACKAGE}/config/{name}.py"
        for name in ("data_schema", "moved", "schema", "seeds", "stages", "trainer_arguments", "tree", "typed")
    ),
    f"{PACKAGE}/ingest/check_prepared.py",
    f"{PACKAGE}/training/messages.py",
    f"{PACKAGE}/training/state_folders.py",  # what is kept of finished trainings
)
TEMPLATES = (".jinja", ".css")
IMPORTING = ("import_module", "find_spec")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_OWN = hashlib.sha256(Path(__file__).read_bytes()).digest()  # what another version of this file found does not count
_INCLUDED = re.compile(r"""{%-?\s*(?:include|import|extends)\s+["']([^"']+)["']""")


@dataclass(frozen=True)
class Source:
    """digest: sha256 of the syntax tree without docstrings. names: modules imported. texts: strings that name files."""

    digest: str
    names: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


class Code:
    """The code of a checkout. root: its folder. kept: a file that keeps what is known of files by content, or None.

    Comments, docstrings and layout are no code: an edit of them changes no digest.
    """

    def __init__(self, root: Path, kept: Path | None = None) -> None:
        self.root, self.kept = root, kept
        self._by_content: dict[str, dict[str, object]] = _load(kept)
        self._used: set[str] = set()
        self._sources: dict[str, Source] = {}
        self._files: dict[str, list[str]] = {}

    def reached(self, entries: Sequence[str], without: Collection[str] = ()) -> dict[str, str]:
        """Files that the modules ``entries`` reach by imports, themselves among them → digest, by path from the root.

        without: beginnings of paths to leave out, besides ``PLUMBING``. Raises UserError for code that is no Python.
        """
        out: dict[str, str] = {}
        waiting = list(entries)
        left_out = (*PLUMBING, *without)
        while waiting:
            path = waiting.pop()
            if path in out or (path not in entries and path.startswith(left_out)):
                continue
            source = self.source(path)
            out[path] = source.digest
            waiting += self._next(path, source)
        return dict(sorted(out.items()))

    def files_of(self, module: str) -> list[str]:
        """The files of a module of this checkout, and of the packages that it is in, but ``PLUMBING``; none of any
        other module.
        """
        return [path for path in self._modules(module) if not path.startswith(PLUMBING)]

    def libraries(self, paths: Iterable[str], modules: Iterable[str] = ()) -> list[str]:
        """The top-level names of ``modules`` and what the files import, but this project's and Python's own."""
        names = {*modules, *(name for path in paths for name in self.source(path).names)}
        tops = {name.partition(".")[0] for name in names}
        own = {file.stem for folder in ("src", "pipelines") for file in (self.root / folder).glob("*") if file.stem}
        return sorted(tops - own - sys.stdlib_module_names)

    def source(self, path: str) -> Source:
        """What is known of a file. Raises UserError where it is no Python."""
        if path not in self._sources:
            content = (self.root / path).read_bytes()
            key = hashlib.sha256(b"\0".join((_OWN, path.rpartition(".")[2].encode(), content))).hexdigest()
            if key not in self._by_content:
                self._by_content[key] = asdict(_read(path, content))
            self._used.add(key)
            self._sources[path] = Source(**self._by_content[key])  # type: ignore[arg-type]
        return self._sources[path]

    def save(self) -> None:
        """Keep what is known of the files that were asked for. What cannot be written costs time, and nothing else."""
        now = {key: self._by_content[key] for key in sorted(self._used)}
        if self.kept and now != _load(self.kept):
            try:
                write_bytes(self.kept, json.dumps(now, separators=(",", ":")).encode())
            except OSError:
                return

    def _next(self, path: str, source: Source) -> list[str]:
        folder = path.rpartition("/")[0]
        found = [path for name in source.names for path in self._modules(name)]
        found += [f"{folder}/{text}" for text in source.texts if (self.root / folder / text).is_file()]
        if path.endswith(TEMPLATES):  # what they include may be of another room
            files = (file for text in source.texts for file in (self.root / PACKAGE).rglob(text))
            found += [file.relative_to(self.root).as_posix() for file in files]
        return found

    def _modules(self, name: str) -> list[str]:
        """The file of a module, and of the packages that it is in, which are imported with it."""
        if name not in self._files:
            parts = name.split(".")
            packages = [f"src/{'/'.join(parts[:number])}/__init__.py" for number in range(1, len(parts) + 1)]
            path = name.replace(".", "/")
            possible = (f"src/{path}.py", f"pipelines/{path}.py", *packages)
            self._files[name] = [found for found in possible if (self.root / found).is_file()]
        return self._files[name]


def syntax(node: object) -> str:
    """A syntax tree as text, without docstrings and places; the same from every version of Python."""
    if isinstance(node, list):
        return f"[{','.join(map(syntax, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    given = {name: value for name, value in ast.iter_fields(node) if value is not None and value != []}
    if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        given["body"] = node.body[1:]
    return f"{type(node).__name__}({','.join(f'{name}={syntax(value)}' for name, value in given.items())})"


@lru_cache(maxsize=2048)
def _read(path: str, content: bytes) -> Source:
    if not path.endswith(".py"):
        included = _INCLUDED.findall(content.decode("utf-8", "replace")) if path.endswith(TEMPLATES) else []
        return Source(hashlib.sha256(content).hexdigest(), [], included)
    try:
        tree = ast.parse(content.decode("utf-8"))
    except (SyntaxError, ValueError) as error:
        raise UserError(f"{path} is no valid Python: {error}") from None
    names: set[str] = set()
    texts: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level or not node.module:
                raise UserError(f"{path}, line {node.lineno}: write the import in full, so that its code is watched")
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in IMPORTING:
            names |= {arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(TEMPLATES):
            texts.add(node.value)
    return Source(hashlib.sha256(syntax(tree).encode()).hexdigest(), sorted(names), sorted(texts))


def _load(kept: Path | None) -> dict[str, dict[str, object]]:
    try:
        loaded = json.loads(kept.read_bytes()) if kept else {}
        return {key: asdict(Source(**value)) for key, value in loaded.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
