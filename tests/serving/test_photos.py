"""Folders as people have them: what training would read is predicted, all else is named."""

from __future__ import annotations

import csv
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photos import save_photo
from support import CHECKOUT, python
from warmstart.ingest.sources.folder import list_folder
from warmstart.serving.find_photos import SkippedFiles, find_photos
from warmstart.serving.predict_files import predict_files
from warmstart.serving.predict_photos import predict_photos

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX file systems only")


@pytest.fixture
def nas(tmp_path: Path) -> Path:
    """Six photos, and what cameras, systems and accidents leave beside them."""
    root = tmp_path / "nas"
    for number, name in enumerate(("cat/1.jpg", "cat/2.JPG", "dog/3.png", "dog/deep/4.jpg")):
        save_photo(root / name, number)
    for number, name in enumerate(
        ("@eaDir/1.jpg", "#recycle/2.jpg", "__MACOSX/3.jpg", "cat/.hidden.jpg", ".git/4.jpg", "cat/@eaDir/5.jpg")
    ):
        save_photo(root / name, number)
    for name in ("cat/notes.txt", "cat/film.mov", "cat/readme"):
        (root / name).write_bytes(b"x")
    save_photo(tmp_path / "other/5.jpg", 5)
    save_photo(tmp_path / "6.jpg", 6)
    (root / "linked").symlink_to(tmp_path / "other", target_is_directory=True)
    (root / "dog/6.jpg").symlink_to(tmp_path / "6.jpg")
    (root / "cat/a_dog").symlink_to("../dog", target_is_directory=True)
    (root / "dog/up").symlink_to(root, target_is_directory=True)
    return root


def photo_names(root: Path, skipped: SkippedFiles | None = None) -> list[str]:
    return [path.relative_to(root).as_posix() for path in find_photos([root], skipped)]


@posix
def test_what_training_would_read_is_what_is_answered(nas: Path) -> None:
    told: list[str] = []
    passed = SkippedFiles(report=lambda folder, reason: told.append(f"{folder.relative_to(nas)}: {reason}"))
    found = photo_names(nas, passed)
    assert found == ["cat/1.jpg", "cat/2.JPG", "dog/3.png", "dog/6.jpg", "dog/deep/4.jpg", "linked/5.jpg"]
    assert sorted(found) == sorted(entry.path for entry in list_folder(nas).entries)
    assert passed.suffixes == {".txt": 1, ".mov": 1, "no suffix": 1}
    assert passed.hidden == {"@eaDir": 2, "#recycle": 1, "__MACOSX": 1, ".hidden.jpg": 1, ".git": 1}
    assert {line.partition(":")[0] for line in told} == {"cat/a_dog", "dog/up"}


@pytest.fixture
def strange(nas: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Under names of photos: a pipe, a socket, a device, links to nothing and to themselves, and a folder."""
    os.mkfifo(nas / "pipe.jpg")
    monkeypatch.chdir(nas)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.jpg")
        (nas / "device.jpg").symlink_to("/dev/zero")
        (nas / "gone.jpg").symlink_to("/nowhere")
        (nas / "loop.jpg").symlink_to("loop.jpg")
        (nas / "folder.jpg").mkdir()
        yield nas


@posix
def test_what_is_no_file_is_never_opened_and_named(
    strange: Path, packaged: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    output = tmp_path / "answers.csv"
    assert predict_files(packaged, [strange, strange / "pipe.jpg", strange / "gone.jpg"], output=output) == 6
    with output.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    refused = [Path(row["path"]).name for row in rows if row["error"]]
    odd = ["device.jpg", "gone.jpg", "loop.jpg", "pipe.jpg", "socket.jpg"]
    assert sorted(refused) == sorted([*odd, "pipe.jpg", "gone.jpg"]) and len(rows) == 13
    said = capsys.readouterr().err
    assert all(f"{name}: " in said for name in odd) and "Traceback" not in said


@posix
def test_a_folder_without_rights_is_named_and_the_rest_goes_on(nas: Path, packaged: Path) -> None:
    (nas / "dog").chmod(0)
    (nas / "cat/1.jpg").chmod(0)
    code = (
        "import sys\nfrom pathlib import Path\nfrom warmstart.serving.predict_files import predict_files\n"
        "print(predict_files(Path(sys.argv[1]), [Path(sys.argv[2])], 'csv', Path(sys.argv[3])))"
    )
    words = ["-c", code, str(packaged), str(nas), str(nas.parent / "o.csv")]
    try:
        if os.geteuid() == 0:  # without root's right to pass over file modes
            import shutil
            import subprocess
            import sys

            if not shutil.which("setpriv"):
                pytest.skip("setpriv is not here")
            done: Any = subprocess.run(
                ["setpriv", "--bounding-set=-dac_override,-dac_read_search", sys.executable, *words],
                env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
        else:
            done = python(*words, PYTHONPATH=str(CHECKOUT / "src"))
    finally:
        (nas / "dog").chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout.splitlines()[-1] == "2"
        and "dog: cannot be read" in done.stderr
        and "1.jpg: cannot be read" in done.stderr
    )


def test_a_photo_that_a_decoder_chokes_on_costs_only_itself(
    packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import struct

    from warmstart.dataset.preprocessing import Preprocessing
    from warmstart.runtime.devices import DevicePlan
    from warmstart.serving.package import load_package

    errors = [struct.error("x"), MemoryError(), ValueError("x"), RecursionError(), None]
    for number in range(5):
        save_photo(tmp_path / f"{number}.png", number)
    places = {(tmp_path / f"{number}.png").read_bytes(): number for number in range(5)}
    whole = Preprocessing.decode

    def fail(self: Preprocessing, data: bytes) -> Any:
        if error := errors[places[data]]:
            raise error
        return whole(self, data)

    monkeypatch.setattr(Preprocessing, "decode", fail)
    answers = list(predict_photos(load_package(packaged), find_photos([tmp_path]), DevicePlan("cpu", "32-true")))
    assert [bool(answer.error) for answer in answers] == [True] * 4 + [False]


def test_deep_folders_are_walked(tmp_path: Path) -> None:
    """Deeper than Python's own calls may be nested; so the test removes them itself."""
    folders = [tmp_path]
    for _ in range(1200):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    photo = folders[-1] / "x.jpg"
    try:
        save_photo(photo, 1)
        assert len(photo_names(tmp_path)) == 1
    finally:
        photo.unlink(missing_ok=True)
        for folder in reversed(folders[1:]):
            folder.rmdir()
