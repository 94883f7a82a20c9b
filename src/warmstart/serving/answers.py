"""A model's answers as a table, as CSV or as JSON, written as they come."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Protocol, TextIO

from warmstart.files.cells import csv_writer, path_cell, text_cell
from warmstart.serving.names import as_text, in_one_line
from warmstart.serving.predict import Answer

FEW = 5  # classes that a line of the table shows
FORMATS = ("table", "csv", "json")
PATH_WIDTH = 40


class Writer(Protocol):
    """Takes answers one by one; ``close`` writes what comes after the last."""

    def add(self, answer: Answer) -> None: ...

    def close(self) -> None: ...


class TableWriter:
    """A line a photo, whatever its name: path, class, and the most probable classes."""

    def __init__(self, stream: TextIO, classes: Sequence[str]) -> None:
        self.stream, self.classes = stream, [in_one_line(name) for name in classes]
        self.width = max(5, *(len(name) for name in self.classes))
        # All in their own columns where they fit, else the most probable ones by name.
        self.columns = len(classes) <= FEW
        heads = [name.rjust(5) for name in self.classes] if self.columns else [f"the {FEW} most probable"]
        self._line("photo", "class", "  ".join(heads))

    def add(self, answer: Answer) -> None:
        path = in_one_line(answer.path)
        if answer.probabilities is None:
            self._line(path, "–", in_one_line(answer.error))
        elif self.columns:
            cells = [f"{p:.3f}".rjust(len(name)) for name, p in zip(self.classes, answer.probabilities, strict=True)]
            self._line(path, in_one_line(str(answer.predicted)), "  ".join(cells))
        else:
            most = sorted(range(len(self.classes)), key=lambda label: -answer.probabilities[label])[:FEW]  # type: ignore[index]
            shares = ", ".join(f"{self.classes[k]} {answer.probabilities[k]:.3f}" for k in most)
            self._line(path, in_one_line(str(answer.predicted)), shares)

    def close(self) -> None:
        pass

    def _line(self, path: str, predicted: str, rest: str) -> None:
        self.stream.write(f"{path:<{PATH_WIDTH}}  {predicted:<{self.width}}  {rest}\n")


class CsvWriter:
    """The columns path, predicted, error, and ``p_<class>`` for every class. No cell is a formula, see ``warmstart.files.cells``; on a terminal,
    none has characters that it would obey.
    """

    def __init__(self, stream: TextIO, classes: Sequence[str]) -> None:
        self.writer, self.empty = csv_writer(stream), [""] * len(classes)
        self.shown = in_one_line if stream.isatty() else str
        self.writer.writerow(["path", "predicted", "error", *(self.shown(f"p_{name}") for name in classes)])

    def add(self, answer: Answer) -> None:
        shares = self.empty if answer.probabilities is None else [f"{p:.6f}" for p in answer.probabilities]
        words = (path_cell(as_text(answer.path)), text_cell(answer.predicted or ""), text_cell(answer.error))
        self.writer.writerow([*map(self.shown, words), *shares])

    def close(self) -> None:
        pass


class JsonWriter:
    """A list of objects: path, predicted and probabilities by class; or path and error."""

    def __init__(self, stream: TextIO, classes: Sequence[str]) -> None:
        self.stream, self.classes, self.first = stream, classes, True
        self.ascii = not (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")

    def add(self, answer: Answer) -> None:
        said: dict[str, object] = {"path": as_text(answer.path)}
        if answer.probabilities is None:
            said["error"] = answer.error
        else:
            shares = (round(float(p), 6) for p in answer.probabilities)
            said |= {"predicted": answer.predicted, "probabilities": dict(zip(self.classes, shares, strict=True))}
        self.stream.write(("[\n" if self.first else ",\n") + _visible(json.dumps(said, ensure_ascii=self.ascii)))
        self.first = False

    def close(self) -> None:
        self.stream.write("[]\n" if self.first else "\n]\n")


def _visible(text: str) -> str:
    """JSON with escapes, which are read as the same text, for characters that a terminal obeys and does not show."""
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


WRITERS: dict[str, Callable[[TextIO, Sequence[str]], Writer]] = {
    "table": TableWriter,
    "csv": CsvWriter,
    "json": JsonWriter,
}
