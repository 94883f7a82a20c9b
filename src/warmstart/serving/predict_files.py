"""The predictions of a packaged model for photo files, printed or written."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from warmstart.errors import UserError
from warmstart.files.aside import aside, flush
from warmstart.files.plain import write_text
from warmstart.runtime.console import say, warn
from warmstart.runtime.machine_errors import sentence
from warmstart.serving import messages
from warmstart.serving.prediction_writers import FORMATS, WRITERS
from warmstart.serving.unsure_messages import marked_sentence
from warmstart.text.printable import in_one_line
from warmstart.text.quantities import plural

if TYPE_CHECKING:
    from warmstart.serving.find_photos import SkippedFiles
    from warmstart.serving.predict_photos import Prediction
    from warmstart.serving.sorting import Order

MAX_UNREPORTED_THRESHOLD_OFFSET = 0.005  # from 0.5


def predict_files(
    package: Path,
    photos: Sequence[Path],
    kind: str | None = None,
    output: Path | None = None,
    order: Order | None = None,
    page: Path | None = None,
) -> int:
    """Predict ``photos``, files and folders, with the model in the folder ``package``; returns how many.

    A photo that cannot be read is reported on standard error, and is a line of its own in the output.

    Args:
        kind: table, csv or json; None takes the suffix of ``output`` if it is one of these, else table.
        output: a file, which appears when it is complete; None is standard output.
        order: of the photos, in the output once all are predicted and on the page; None is as they are found, and on
            the page the least certain first.
        page: an HTML file with small pictures of the photos; None writes none.

    Raises:
        UserError: no photo could be read, or ``output`` or ``page`` cannot be written.
    """
    if not any(os.path.lexists(photo) for photo in photos):
        raise UserError(messages.PHOTOS_MISSING.format(photos=messages.listed(photos)))
    from warmstart.config.schema import ComputeOptions
    from warmstart.runtime.devices import plan_device
    from warmstart.serving.find_photos import SkippedFiles, find_photos
    from warmstart.serving.package import load_package
    from warmstart.serving.packaged import has_unsure_limit
    from warmstart.serving.predict_photos import predict_photos
    from warmstart.serving.sorting import in_order

    for option, file in (("--output", output), ("--page", page)):
        if file:
            _check_place(option, file)
    if page and output and page.absolute() == output.absolute():
        raise UserError(messages.SAME_FILE.format(file=in_one_line(page)))
    suffix = output.suffix[1:].lower() if output else ""
    kind = kind or (suffix if suffix in FORMATS else "table")
    model, compute = load_package(package), plan_device(ComputeOptions(precision="32-true"))
    predicted, failed, marked = 0, 0, 0
    kept: list[Prediction] = []
    skipped = SkippedFiles(report=lambda folder, reason: warn(f"{in_one_line(folder)}: {reason}"))
    with _open_output(output) as stream:
        writer = WRITERS[kind](stream, model.classes, has_unsure_limit(model))
        predictions: Iterable[Prediction] = predict_photos(model, find_photos(photos, skipped), compute)
        for prediction in in_order(predictions, order) if order else predictions:
            writer.add(prediction)
            if page:  # without the probabilities of all classes, for there may be many photos
                kept.append(replace(prediction, probabilities=None))
            if prediction.error:
                failed += 1
                warn(f"{in_one_line(prediction.path)}: {in_one_line(prediction.error)}")
            else:
                predicted += 1
                marked += bool(prediction.unsure)
        writer.close()
        report_skipped(skipped)
        if not predicted:  # then the file that was there before stays
            template = messages.NONE_READABLE if failed else messages.NO_PHOTOS
            raise UserError(template.format(photos=messages.listed(photos)))
    threshold = model.threshold
    if kind == "table" and threshold is not None and abs(threshold - 0.5) > MAX_UNREPORTED_THRESHOLD_OFFSET:
        other, one = map(in_one_line, model.classes)
        warn(messages.THRESHOLD.format(one=one, other=other, threshold=threshold))
    if kind == "table" and model.unsure:
        warn(marked_sentence(model.unsure, marked, predicted))
    if output:
        written = messages.WRITTEN.format(photos=plural(predicted, "photo"), output=in_one_line(output))
        say(written + (messages.FAILED.format(failed=failed) if failed else ""))
    if page:
        from warmstart.serving.gallery_page import render_gallery

        _write_page(page, render_gallery(model, kept, order or "uncertainty"))
        (say if output else warn)(messages.PAGE_WRITTEN.format(page=in_one_line(page)))
    return predicted


def report_skipped(skipped: SkippedFiles) -> None:
    """Say how many files were no photos, and how many were hidden."""
    for forms, counts in ((messages.OTHER_FILES, skipped.suffixes), (messages.HIDDEN, skipped.hidden)):
        if counts:
            names = messages.listed(sorted(counts))
            warn(messages.PASSED_OVER.format(n=plural(counts.total(), *forms), names=names))


@contextmanager
def _open_output(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is complete."""
    if not output:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a class or a path may hold what the terminal's code page lacks
            sys.stdout.reconfigure(errors="backslashreplace")
        yield sys.stdout
        return
    try:
        with aside(output) as new:
            with new.open("w", encoding="utf-8", newline="") as stream:
                yield stream
            flush(new)
            os.replace(new, output)
    except OSError as error:
        raise _refused("--output", output, error) from None


def _check_place(option: str, file: Path) -> None:
    shown = in_one_line(file)
    if file.is_dir():
        raise UserError(messages.OUTPUT_IS_FOLDER.format(option=option, file=shown))
    if not file.parent.is_dir():
        folder = in_one_line(file.parent)
        raise UserError(messages.OUTPUT_FOLDER_MISSING.format(option=option, file=shown, folder=folder))


def _write_page(page: Path, text: str) -> None:
    try:
        write_text(page, text)
    except OSError as error:
        raise _refused("--page", page, error) from None


def _refused(option: str, file: Path, error: OSError) -> UserError:
    reason = sentence(error) or error.strerror
    return UserError(messages.OUTPUT_REFUSED.format(option=option, file=in_one_line(file), reason=reason))
