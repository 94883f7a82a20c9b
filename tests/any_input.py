"""Names, folders and tables as people have them and as nobody would, made from a seed."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import numpy as np

from photos import encoded_photo

NAMES: list[bytes] = [
    *(
        b"cat",
        b"dog",
        b"Cat",
        b"cat ",
        b"bird",
        b"train",
        b"test",
        b"val",
        b"training_set",
        b"Test-Data",
        b"dev",
        b"images",
        b"archive",
    ),
    *(
        "müll".encode(),
        "mu\u0308ll".encode(),
        "日本".encode(),
        "🐈".encode(),
        "\u202eabc".encode(),
        b"caf\xe9",
        b"\xff\xfe",
    ),
    *(
        b"$5_to_$10",
        b"$_$=5",
        b"${b}",
        b"{}",
        b"{0}",
        b"%s",
        b"%2F",
        b"~",
        b"~root",
        b"~nosuch",
        b"_x",
        b"-rf",
        b"a=b",
        b"a,b",
        b"a;b",
        b"#",
    ),
    *(
        b"'q'",
        b'"q"',
        b"a\nb",
        b"a\rb",
        b"a\tb",
        b" a",
        b"<script>alert(1)</script>",
        b"\\a\\b",
        b"\x1b[31m",
        b"null",
        b"yes",
        b"01",
        b"1e3",
    ),
    *(b"x" * 240, b"y" * 255, "ü".encode() * 120, b".hidden", b"__MACOSX", b"@eaDir"),
]
LABELS = [*NAMES, b"a\0b", b"..", b"a/b", b"/", b"x" * 255, b"x" * 5000]  # no file is called so, but a table may say it
SUFFIXES = [b".jpg", b".JPG", b".png", b".heic", b".txt", b".mp4", b".db", b"", b".jpg.txt", b".tif"]
PHOTOS = [encoded_photo(seed) for seed in range(60)]
JUNK = [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", bytes(100), b"<!doctype html>"]


def pick(rng: np.random.Generator, items: list[bytes]) -> bytes:
    return items[int(rng.integers(len(items)))]


def plant_tree(root: Path, seed: int) -> None:
    """A folder of photos: classes, parts of a split, wrappers, hidden, empty and foreign things, under any names, from
    the seed.
    """
    rng = np.random.default_rng(seed)
    base = os.fsencode(root)
    os.makedirs(base)
    plain = seed % 3 == 0  # names that are harmless, so that the shape decides
    names = NAMES[:13] if plain else NAMES
    for _ in range(int(rng.integers(0, 3)) if rng.random() < 0.4 else 0):
        base = os.path.join(base, pick(rng, names))
    below = [pick(rng, names) for _ in range(int(rng.integers(1, 5)))]
    for _ in range(int(rng.integers(1, 5))):
        top = os.path.join(base, pick(rng, names))
        for folder in [os.path.join(top, name) for name in below] if rng.random() < 0.4 else [top]:
            _fill(folder, rng, names)
    for _ in range(int(rng.integers(0, 3))):
        _put(os.path.join(base, pick(rng, names) + pick(rng, SUFFIXES)), pick(rng, JUNK))


def _fill(folder: bytes, rng: np.random.Generator, names: list[bytes]) -> None:
    os.makedirs(folder, exist_ok=True)
    for number in range(int(rng.integers(0, 9)) if rng.random() < 0.2 else 6):
        name = b"%d" % number if rng.random() < 0.7 else pick(rng, names)
        if rng.random() < 0.85:
            _put(os.path.join(folder, name + pick(rng, SUFFIXES[:3])), pick(rng, PHOTOS))
        else:
            _put(os.path.join(folder, name + pick(rng, SUFFIXES)), pick(rng, JUNK))


def _put(path: bytes, data: bytes) -> None:
    if not os.path.exists(path) and len(os.path.basename(path)) < 256:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(data)


def plant_table(root: Path, seed: int) -> Path:
    """A table of photos and labels beside them, from the seed: its encoding, line ends, quoting, columns and cells."""
    rng = np.random.default_rng(seed)
    root.mkdir()
    labels = [name.decode("utf-8", "replace") for name in (pick(rng, LABELS) for _ in range(2 + seed % 2))]
    ragged, unsplit = rng.random(2) < 0.2
    rows: list[list[str]] = []
    for number in range(int(rng.integers(0, 16)) if rng.random() < 0.2 else 40):
        name = (b"%d" % number if rng.random() < 0.7 else pick(rng, NAMES) + b"%d" % number).decode(
            "utf-8", "ignore"
        ) + ".jpg"
        if rng.random() < 0.9:
            _put(os.path.join(os.fsencode(root), os.fsencode(name)), PHOTOS[number])
        split = "" if unsplit and number % 7 == 0 else ("train", "test", "val")[number // 2 % 3]
        row = [name, labels[number % len(labels)], split, f"g{number}"][: 4 if seed % 2 else 2]
        rows.append([*row, "more"][: int(rng.integers(1, 6))] if ragged and rng.random() < 0.1 else row)
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=",;\t"[int(rng.integers(3))],
        lineterminator=("\n", "\r\n", "\r")[int(rng.integers(3))],
        quoting=(csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)[int(rng.integers(3))],
    )
    writer.writerows([["path", "label", "split", "group"][: 4 if seed % 2 else 2], *rows])
    encoding = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le")[
        int(rng.choice(5, p=[0.5, 0.3, 0.1, 0.05, 0.05]))
    ]
    path = root / "photos.csv"
    path.write_bytes(out.getvalue().encode(encoding, "replace"))
    return path
