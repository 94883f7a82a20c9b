"""Photos in, answers out: a packaged model asked about files, its answers printed or written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from warmstart.config.paths import expand_user
from warmstart.console import say, warn
from warmstart.errors import UserError
from warmstart.serving.answers import FORMATS, WRITERS

NEAR_HALF = 0.005  # of a threshold that nobody has to be told of


def predict_files(package: Path, photos: Sequence[Path], kind: str | None = None, output: str | Path | None = None) -> int:
    """Ask the model in the folder ``package`` about ``photos``, files and folders of any size; returns of how many it said something.

    kind: table, csv or json; None: as the name of ``output`` says, else table. output: a file, which appears when it is whole; None:
    standard output. A file that cannot be read is told on standard error, and is a line of its own in the answers.
    Raises UserError where a place does not exist, and where no photo could be read.
    """
    for photo in photos:
        if not photo.exists():
            raise UserError(f"{photo} does not exist: name photos, or folders of photos")
    from warmstart.compute import resolve_compute
    from warmstart.models.package import load_package
    from warmstart.serving.predict import find_photos, predict_photos

    if output and Path(expand_user(str(output))).is_dir():
        raise UserError(f"--output {output} is a folder: name a file")
    suffix = Path(output).suffix[1:].lower() if output else ""
    kind = kind or (suffix if suffix in FORMATS else "table")
    model, compute = load_package(package), resolve_compute({"accelerator": "auto", "precision": "32-true"})
    read, failed = 0, 0
    passed_over: list[str] = []
    with _stream(output) as stream:
        writer = WRITERS[kind](stream, model.classes)
        for answer in predict_photos(model, find_photos(photos, passed_over), compute):
            writer.add(answer)
            read, failed = read + (not answer.error), failed + bool(answer.error)
            if answer.error:
                warn(f"{answer.path}: {answer.error}")
        writer.close()
        if not read:  # and what stood in the file's place stays
            where = ", ".join(str(photo) for photo in photos)
            raise UserError(f"none of the {failed:,} photos in {where} could be read" if failed else f"there are no photos in {where}")
    if kind == "table" and model.threshold is not None and abs(model.threshold - 0.5) > NEAR_HALF:
        warn(f"{model.classes[1]} is said from {model.threshold:.3f} on, which was right most often on validation photos")
    if passed_over:
        kinds = ", ".join(sorted(set(passed_over))[:8])
        warn(f"{len(passed_over):,} files of another kind were passed over ({kinds})")
    if output:
        say(f"{read:,} photos in {output}" + (f"; {failed:,} could not be read" if failed else ""))
    return read


@contextmanager
def _stream(output: str | Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is whole."""
    if not output:
        yield sys.stdout
        return
    path = Path(expand_user(str(output)))
    if not path.parent.is_dir():
        raise UserError(f"--output {output}: the folder {path.parent} does not exist")
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        os.replace(aside, path)
    except OSError as error:
        raise UserError(f"--output {output} cannot be written: {error.strerror}") from None
    finally:
        aside.unlink(missing_ok=True)
