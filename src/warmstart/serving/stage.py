"""Photos in, answers out: a packaged model asked about files, its answers printed or written."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from warmstart.errors import UserError
from warmstart.files.aside import aside, flush
from warmstart.runtime.console import say, warn
from warmstart.runtime.machine_errors import sentence
from warmstart.serving.answers import FORMATS, WRITERS
from warmstart.serving.names import in_one_line

if TYPE_CHECKING:
    from warmstart.serving.photos import PassedOver

NEAR_HALF = 0.005  # of a threshold that nobody has to be told of
NAMED = 8  # kinds of files, or names, that a line names


def predict_files(package: Path, photos: Sequence[Path], kind: str | None = None, output: Path | None = None) -> int:
    """Ask the model in the folder ``package`` about ``photos``, files and folders of any size; returns of how many it said something.

    kind: table, csv or json; None: as the name of ``output`` says, else table. output: a file, which appears when it is whole; None:
    standard output. What cannot be read, named or found in a folder, is told on standard error, is a line of its own in the answers, and
    keeps nothing else from being answered. Raises UserError where no photo could be read.
    """
    if not any(os.path.lexists(photo) for photo in photos):
        raise UserError(f"{_list(photos)} does not exist: name photos, or folders of photos")
    from warmstart.models.package import load_package
    from warmstart.runtime.devices import resolve_compute
    from warmstart.serving.photos import PassedOver, find_photos
    from warmstart.serving.predict import predict_photos

    if output and output.is_dir():
        raise UserError(f"--output {output} is a folder: name a file")
    suffix = output.suffix[1:].lower() if output else ""
    kind = kind or (suffix if suffix in FORMATS else "table")
    model, compute = load_package(package), resolve_compute({"accelerator": "auto", "precision": "32-true"})
    read, failed = 0, 0
    passed_over = PassedOver(tell=lambda folder, reason: warn(f"{in_one_line(folder)}: {reason}"))
    with _stream(output) as stream:
        writer = WRITERS[kind](stream, model.classes)
        for answer in predict_photos(model, find_photos(photos, passed_over), compute):
            writer.add(answer)
            read, failed = read + (not answer.error), failed + bool(answer.error)
            if answer.error:
                warn(f"{in_one_line(answer.path)}: {in_one_line(answer.error)}")
        writer.close()
        _tell_what_was_passed_over(passed_over)
        if not read:  # and what stood in the file's place stays
            raise UserError(
                f"no photo could be read: {_list(photos)}" if failed else f"there are no photos in {_list(photos)}"
            )
    if kind == "table" and model.threshold is not None and abs(model.threshold - 0.5) > NEAR_HALF:
        other, one = (in_one_line(name) for name in model.classes)
        warn(
            f"the class is {one} where its probability is above {model.threshold:.3f}, else {other}: "
            "of all thresholds, this one classified most validation photos correctly"
        )
    if output:
        say(f"{_photos(read)} in {in_one_line(output)}" + (f"; {failed:,} could not be read" if failed else ""))
    return read


def _tell_what_was_passed_over(passed_over: PassedOver) -> None:
    if number := passed_over.kinds.total():
        what = "file that is no photo was" if number == 1 else "files that are no photos were"
        warn(f"{number:,} {what} passed over ({_list(sorted(passed_over.kinds))})")
    if number := passed_over.hidden.total():
        what = "hidden or system file or folder was" if number == 1 else "hidden or system files and folders were"
        warn(f"{number:,} {what} passed over ({_list(sorted(passed_over.hidden))})")


def _list(names: Sequence[str | Path]) -> str:
    return ", ".join(in_one_line(name) for name in names[:NAMED]) + (
        f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    )


def _photos(number: int) -> str:
    return f"{number:,} photo{'' if number == 1 else 's'}"


@contextmanager
def _stream(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is whole."""
    if not output:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a class or a path may hold what the terminal's code page lacks
            sys.stdout.reconfigure(errors="backslashreplace")
        yield sys.stdout
        return
    if not output.parent.is_dir():
        raise UserError(f"--output {in_one_line(output)}: the folder {in_one_line(output.parent)} does not exist")
    try:
        with aside(output) as new:
            with new.open("w", encoding="utf-8", newline="") as stream:
                yield stream
            flush(new)
            os.replace(new, output)
    except OSError as error:
        raise UserError(
            f"--output {in_one_line(output)} cannot be written: {sentence(error) or error.strerror}"
        ) from None
