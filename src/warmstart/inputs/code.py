"""The code that a stage runs: the modules that its entry point reaches, each with a digest of what Python
makes of it.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import re
import sys
import tokenize
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
        for name in (
            "__init__",
            "console",
            "interrupts",
            "machine_errors",
            "memory",
            "progress",
            "provenance",
            "sockets",
        )
    ),
    f"{PACKAGE}/runtime/preload",
    # What keys there are. Their values, which DVC compares, reach a stage by its composed configuration.
    *(f"{PACKAGE}/config/{name}.py" for name in ("data_schema", "schema", "stages", "tree", "typed")),
    f"{PACKAGE}/ingest/check_prepared.py",
    f"{PACKAGE}/training/messages.py",
    f"{PACKAGE}/training/state_folders.py",  # what is kept of finished trainings
)
TEMPLATES = (".jinja", ".css")
_OWN = hashlib.sha256(
    Path(__file__).read_bytes()
).digest()  # what was found by another version of this file does not count
_INCLUDED = re.compile(r"""{%-?\s*(?:include|import|extends)\s+["']([^"']+)["']""")


@dataclass(frozen=True)
class Source:
    """What is to be known of a file of code. digest: sha256 of it without comments, docstrings and empty lines. names:
    modules that it imports, as they may be written. texts: names of files that it has as strings.
    """

    digest: str
    names: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


class Code:
    """The code of a checkout. root: its folder. kept: a file that keeps what is known of files by their content, or
    None.

    Comments and docstrings are no code: an edit of them changes no digest.
    """

    def __init__(self, root: Path, kept: Path | None = None) -> None:
        self.root, self.kept = root, kept
        self._by_content: dict[str, dict[str, object]] = _load(kept)
        self._used: set[str] = set()
        self._sources: dict[str, Source] = {}

    def reached(self, entries: Sequence[str], without: Collection[str] = ()) -> dict[str, str]:
        """Files that the modules ``entries`` reach by imports, themselves among them → digest, by path from the root.

        without: beginnings of paths that are not gone into, besides those of ``PLUMBING``. Raises UserError for code
        that is no Python.
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

    def libraries(self, paths: Iterable[str]) -> list[str]:
        """The top-level names of what the files import besides Python's own library and this project."""
        tops = {name.partition(".")[0] for path in paths for name in self.source(path).names}
        own = {"warmstart", *(file.stem for file in (self.root / "pipelines").glob("*.py"))}
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
            found += [
                file.relative_to(self.root).as_posix()
                for text in source.texts
                for file in (self.root / PACKAGE).rglob(text)
            ]
        return found

    def _modules(self, name: str) -> list[str]:
        """The file of a module, and of the packages that it is in, which are imported with it."""
        parts = name.split(".")
        packages = [f"src/{'/'.join(parts[:number])}/__init__.py" for number in range(1, len(parts) + 1)]
        path = name.replace(".", "/")
        return [
            found for found in (f"src/{path}.py", f"pipelines/{path}.py", *packages) if (self.root / found).is_file()
        ]


def without_words(source: str) -> str:
    """Python source without comments, docstrings and empty lines; the same text from every version of Python."""
    rows = re.split(r"(?<=\n)", source)  # splitlines would also split at characters that end no line of Python
    cuts: dict[int, list[tuple[int, int]]] = {}
    coded: set[int] = set()  # rows, from 1, that hold code
    documented = [_span(node, rows) for node in _docstrings(ast.parse(source))]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        (first, column), (last, end) = token.start, token.end
        if token.type == tokenize.COMMENT or (
            token.type == tokenize.STRING and (*token.start, *token.end) in documented
        ):
            for row in range(first, last + 1):
                cuts.setdefault(row, []).append(
                    (column if row == first else 0, end if row == last else len(rows[row - 1]))
                )
        elif token.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
            coded.update(range(first, last + 1))
    out = []
    for number, text in enumerate(rows, 1):
        if number in coded:
            for column, end in sorted(cuts.get(number, ()), reverse=True):
                text = text[:column] + text[end:]
            out.append(text.rstrip("\r\n") if number not in cuts else text.rstrip())
    return "\n".join(out)


def _docstrings(tree: ast.Module) -> Iterable[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                yield first.value


def _called(node: ast.Call) -> str:
    return (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )


def _span(node: ast.Constant, rows: Sequence[str]) -> tuple[int, int, int, int]:
    """Row and column of its first and its last character, as the tokenizer counts them: ``ast`` counts bytes."""
    first, last = node.lineno, node.end_lineno or node.lineno
    columns = (node.col_offset, node.end_col_offset or 0)
    start, end = (
        len(rows[row - 1].encode()[:column].decode()) for row, column in zip((first, last), columns, strict=True)
    )
    return first, start, last, end


@lru_cache(maxsize=2048)
def _read(path: str, content: bytes) -> Source:
    if not path.endswith(".py"):
        included = _INCLUDED.findall(content.decode("utf-8", "replace")) if path.endswith(TEMPLATES) else []
        return Source(hashlib.sha256(content).hexdigest(), [], included)
    try:
        text = content.decode("utf-8")
        tree = ast.parse(text)
        bare = without_words(text)
    except (SyntaxError, UnicodeDecodeError, ValueError, tokenize.TokenError) as error:
        raise UserError(f"{path} is no valid Python: {error}") from None
    names: set[str] = set()
    texts: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level or not node.module:
                raise UserError(
                    f"{path}, line {node.lineno}: write the import in full, or what it reaches is not watched"
                )
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "find_spec"):
            names |= {
                argument.value
                for argument in node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            }
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(TEMPLATES):
            texts.add(node.value)
    return Source(hashlib.sha256(bare.encode()).hexdigest(), sorted(names), sorted(texts))


def _load(kept: Path | None) -> dict[str, dict[str, object]]:
    try:
        loaded = json.loads(kept.read_bytes()) if kept else {}
        return {key: asdict(Source(**value)) for key, value in loaded.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
