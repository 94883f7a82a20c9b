"""DVC that stops in the middle of writing dvc.lock, so that a signal meets it there: python dying_dvc.py WORDS OF DVC…

STOP_AT is ``N:SHARE``: when it writes the file with N stages, with this share of the text written. It then writes its
process number to the file STOPPED and waits. Without STOP_AT it is DVC as it is.
"""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import dvc.utils.serialize._yaml as serialize
from dvc.cli import main

real = serialize._dump


def dump(data: Any, stream: TextIO) -> Any:
    number, share = os.environ["STOP_AT"].split(":")
    if not str(getattr(stream, "name", "")).endswith("dvc.lock") or len(data["stages"]) != int(number):
        return real(data, stream)
    whole = io.StringIO()
    real(data, whole)
    text = whole.getvalue()
    stream.write(text[: int(len(text) * float(share))])
    stream.flush()
    aside = Path(os.environ["STOPPED"] + ".tmp")
    aside.write_text(str(os.getpid()))
    aside.rename(os.environ["STOPPED"])
    time.sleep(60)
    raise AssertionError("no signal came")


if "STOP_AT" in os.environ:
    serialize._dump = dump
sys.exit(main(sys.argv[1:]))
