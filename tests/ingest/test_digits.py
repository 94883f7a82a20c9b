"""Digits and IDX sets become the same arrays and manifest as photos, with their ready-made split kept."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.idx_files import idx_bytes, idx_set
from ingest_options import prepare
from support import compose_config, manifest_rows
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.ingest.sources.idx import read_idx
from warmstart.records.images import SplitCounts


def mnist(folder: Path | None, **changes: Any) -> dict[str, Any]:
    return {**compose_config("data=mnist")["data"], "folder": folder and str(folder), **changes}


def prepared(config: dict[str, Any], out: Path) -> ImageStore:
    prepare(config, out)
    return ImageStore(out)


def test_the_embedded_digits_are_all_there_and_scaled_up(tmp_path: Path) -> None:
    store = prepared(compose_config("data=digits")["data"], tmp_path / "out")
    assert store.prepared.counts.total == 1797
    assert store.classes == [str(digit) for digit in range(10)]
    images = np.asarray(store.images("train"))
    assert images.shape[1:] == (28, 28, 1)
    assert images.min() == 0 and images.max() > 250
    assert set(store.labels("test")) == set(range(10))


@pytest.mark.parametrize("zipped", [True, False])
def test_an_idx_set_keeps_its_split_and_gives_validation_from_training(tmp_path: Path, zipped: bool) -> None:
    store = prepared(mnist(idx_set(tmp_path / "idx", zipped=zipped)), tmp_path / "out")
    assert store.prepared.counts == SplitCounts(train=50, val=10, test=20)
    assert Counter(store.labels("val").tolist()) == dict.fromkeys(range(10), 1)
    assert all(
        row["path"].startswith("test/") == (split == "test")
        for split in ("train", "val", "test")
        for row in manifest_rows(store, split)
    )
    whole = read_idx(tmp_path / "idx" / f"train-images-idx3-ubyte{'.gz' if zipped else ''}", 3)
    for split in ("train", "val"):
        for row, image in zip(manifest_rows(store, split), store.images(split), strict=True):
            assert row["label"] == image.min() // 25
            assert np.array_equal(image[..., 0], whole[int(row["path"].removeprefix("train/"))])


def test_the_seed_decides_who_validates_and_numbers_how_many(tmp_path: Path) -> None:
    folder = idx_set(tmp_path / "idx")
    some = {"train": 20, "val": 20, "test": 10}
    a, b = (prepared(mnist(folder, seed=seed, **some), tmp_path / str(seed)) for seed in (0, 1))
    assert a.prepared.counts == SplitCounts(**some)
    assert all(row["path"].startswith("test/") for row in manifest_rows(a, "test"))
    assert {row["path"] for row in manifest_rows(a, "val")} != {row["path"] for row in manifest_rows(b, "val")}
    with pytest.raises(UserError, match=r"data\.train, data\.val"):
        prepare(mnist(folder, train=50, val=20, test=10), tmp_path / "c")


def test_colour_channels_repeat_the_grey(tmp_path: Path) -> None:
    images = np.asarray(prepared(mnist(idx_set(tmp_path / "idx"), channels=3), tmp_path / "out").images("test"))
    assert images.shape == (20, 28, 28, 3)
    assert (images == images[..., :1]).all()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("train-images-idx3-ubyte.gz", b"<html>not found</html>", "not an IDX file of images"),
        ("train-images-idx3-ubyte.gz", idx_bytes(np.zeros(60, np.uint8)), "not an IDX file of images"),
        ("t10k-labels-idx1-ubyte.gz", idx_bytes(np.zeros((20, 2, 2), np.uint8)), "not an IDX file of labels"),
        ("t10k-labels-idx1-ubyte.gz", b"", "not an IDX file of labels"),
        ("train-images-idx3-ubyte.gz", idx_bytes(np.zeros((60, 28, 28), np.uint8))[:-1], "damaged"),
        (
            "train-images-idx3-ubyte.gz",
            gzip.compress(idx_bytes(np.zeros((60, 28, 28), np.uint8)), mtime=0)[:-20],
            "cannot be read",
        ),
        ("train-images-idx3-ubyte.gz", gzip.compress(bytes(99), mtime=0)[:-8] + bytes(8), "cannot be read"),
        ("train-labels-idx1-ubyte.gz", idx_bytes(np.zeros(59, np.uint8)), "59 labels"),
        ("train-labels-idx1-ubyte.gz", idx_bytes(np.full(60, 10, np.uint8)), "label 10"),
        ("t10k-images-idx3-ubyte.gz", idx_bytes(np.zeros((20, 14, 14), np.uint8)), "14 × 14"),
        ("t10k-images-idx3-ubyte.gz", None, "t10k-images-idx3-ubyte.gz"),
    ],
)
def test_a_wrong_or_damaged_file_is_named(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    folder = idx_set(tmp_path / "idx")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        prepare(mnist(folder), tmp_path / "out")
    assert name in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_class_without_a_training_image_is_named(tmp_path: Path) -> None:
    folder = idx_set(tmp_path / "idx")
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(idx_bytes((np.arange(60) % 9).astype(np.uint8)))
    with pytest.raises(UserError, match="'9'"):
        prepare(mnist(folder), tmp_path / "out")


class Quiet(SimpleHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - cleared by the fixture

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The ``data`` group of a set that a server on this machine publishes."""
    folder = idx_set(tmp_path / "served" / "set")
    monkeypatch.setenv("WARMSTART_CACHE", str(tmp_path / "cache"))
    Quiet.asked.clear()
    config = mnist(None)
    for file in config["files"].values():
        content = (folder / file["name"]).read_bytes()
        file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served"))) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield {**config, "url": f"http://127.0.0.1:{running.server_port}/set/"}
        running.shutdown()


def test_the_four_files_are_fetched_once(published: dict[str, Any], tmp_path: Path) -> None:
    first = prepared(published, tmp_path / "out").digest
    assert len(Quiet.asked) == 4
    assert prepared(published, tmp_path / "again").digest == first
    assert prepared({**published, "folder": str(tmp_path / "served/set")}, tmp_path / "folder").digest == first
    assert len(Quiet.asked) == 4
    prepare(
        {**published, "name": "another"}, tmp_path / "other"
    )  # its files have the same names, and a place of their own
    assert len(Quiet.asked) == 8


def test_files_other_than_those_published_are_refused(published: dict[str, Any], tmp_path: Path) -> None:
    published["files"]["test_labels"]["sha256"] = "0" * 64
    with pytest.raises(UserError, match=r"set data\.folder"):
        prepare(published, tmp_path / "out")


@pytest.mark.parametrize("option", ["mnist", "fashion_mnist"])
def test_what_is_published_is_told_whole(option: str) -> None:
    data = compose_config(f"data={option}")["data"]
    assert data["url"].startswith("https://") and data["url"].endswith("/")
    assert len(data["classes"]) == 10
    assert set(data["files"]) == {"train_images", "train_labels", "test_images", "test_labels"}
    assert len({file["sha256"] for file in data["files"].values()}) == 4
    assert all(len(file["sha256"]) == 64 and file["bytes"] > 0 for file in data["files"].values())
