"""Predictions as a table, as CSV or as JSON, written one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Protocol, TextIO

from warmstart.files.cells import csv_writer, path_cell, text_cell
from warmstart.serving.predict_photos import Prediction
from warmstart.text.printable import in_one_line, utf8_text

MAX_CLASSES_SHOWN = 5  # in a line of the table
FORMATS = ("table", "csv", "json")
PATH_WIDTH = 40  # characters
UNSURE = "unsure"


class PredictionWriter(Protocol):
    """Writes predictions one by one; ``close`` writes what comes after the last."""

    def add(self, prediction: Prediction) -> None: ...

    def close(self) -> None:
        return


class TableWriter(PredictionWriter):
    """A line a photo: path, class, ``unsure`` where it is marked, and the most probable classes."""

    def __init__(self, stream: TextIO, classes: Sequence[str], marks: bool = False) -> None:
        self.stream, self.classes, self.marks = stream, [in_one_line(name) for name in classes], marks
        self.width = max(5, *(len(name) for name in self.classes))
        # All in their own columns where they fit, else the most probable ones by name.
        self.in_columns = len(classes) <= MAX_CLASSES_SHOWN
        most = f"the {MAX_CLASSES_SHOWN} most probable"
        named = "  ".join([n.rjust(5) for n in self.classes] if self.in_columns else [most])
        self._line("photo", "class", named, UNSURE)

    def add(self, prediction: Prediction) -> None:
        path, probabilities = in_one_line(prediction.path), prediction.probabilities
        mark = UNSURE if prediction.unsure else ""
        if probabilities is None:
            self._line(path, "–", in_one_line(prediction.error))
        elif self.in_columns:
            cells = [f"{p:.3f}".rjust(len(name)) for name, p in zip(self.classes, probabilities, strict=True)]
            self._line(path, in_one_line(str(prediction.predicted)), "  ".join(cells), mark)
        else:
            top = (-probabilities).argsort(kind="stable")[:MAX_CLASSES_SHOWN]
            cells = [f"{self.classes[label]} {probabilities[label]:.3f}" for label in top]
            self._line(path, in_one_line(str(prediction.predicted)), ", ".join(cells), mark)

    def _line(self, path: str, predicted: str, rest: str, mark: str = "") -> None:
        marked = f"{mark:<{len(UNSURE)}}  " if self.marks else ""
        self.stream.write(f"{path:<{PATH_WIDTH}}  {predicted:<{self.width}}  {marked}{rest}\n")


class CsvWriter(PredictionWriter):
    """The columns path, predicted, error, with ``marks`` unsure (true or false), and ``p_<class>`` for every class.

    No cell is a formula, see ``warmstart.files.cells``; on a terminal, none has control characters.
    """

    def __init__(self, stream: TextIO, classes: Sequence[str], marks: bool = False) -> None:
        self.writer, self.empty, self.marks = csv_writer(stream), [""] * len(classes), marks
        self.shown = in_one_line if stream.isatty() else str
        fixed = ["path", "predicted", "error", *([UNSURE] if marks else [])]
        self.writer.writerow([*fixed, *(self.shown(f"p_{name}") for name in classes)])

    def add(self, prediction: Prediction) -> None:
        p = prediction
        texts = (path_cell(utf8_text(p.path)), text_cell(p.predicted or ""), text_cell(p.error))
        numbers = self.empty if p.probabilities is None else [f"{value:.6f}" for value in p.probabilities]
        mark = "" if p.unsure is None else str(p.unsure).lower()
        self.writer.writerow([*map(self.shown, texts), *([mark] if self.marks else []), *numbers])


class JsonWriter(PredictionWriter):
    """A list of objects: path, predicted, probabilities by class, and with ``marks`` unsure; or path and error."""

    def __init__(self, stream: TextIO, classes: Sequence[str], marks: bool = False) -> None:
        self.stream, self.classes, self.first = stream, classes, True
        self.ascii = not (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")

    def add(self, prediction: Prediction) -> None:
        item: dict[str, object] = {"path": utf8_text(prediction.path)}
        if prediction.probabilities is None:
            item["error"] = prediction.error
        else:
            shares = (round(float(p), 6) for p in prediction.probabilities)
            item |= {"predicted": prediction.predicted, "probabilities": dict(zip(self.classes, shares, strict=True))}
            if prediction.unsure is not None:
                item[UNSURE] = prediction.unsure
        self.stream.write(("[\n" if self.first else ",\n") + _visible(json.dumps(item, ensure_ascii=self.ascii)))
        self.first = False

    def close(self) -> None:
        self.stream.write("[]\n" if self.first else "\n]\n")


def _visible(text: str) -> str:
    """JSON with escapes, which are read as the same text, for characters that a terminal obeys and does not show."""
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


# Called with the stream, the classes, and whether photos are marked as unsure.
WRITERS: dict[str, Callable[[TextIO, Sequence[str], bool], PredictionWriter]] = {
    "table": TableWriter,
    "csv": CsvWriter,
    "json": JsonWriter,
}
