"""`dvc repro` with photos outside: what it notices, what does not stop it, and that nothing is lost when things are
moved.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from photos import save_photo
from repro_checkout import TINY, Checkout

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and such names are of POSIX")


def photos_with_everything(place: Path) -> Path:
    """Two class folders that are links, and beside the photos what a walker of another kind stumbles over."""
    for label, name in enumerate(("a", "b")):
        for index in range(10):
            save_photo(place / "pool" / name / f"{index}.jpg", 100 * label + index)
        (place / "photos").mkdir(exist_ok=True)
        (place / "photos" / name).symlink_to(Path("..", "pool", name))
    os.mkfifo(place / "pool/a/pipe.jpg")
    os.mkfifo(place / "photos/x")
    (place / "photos/gone.jpg").symlink_to("/nowhere.jpg")
    (place / "pool/a/.dvcignore").write_text("*\n")
    (place / "photos/.dvcignore").write_text("*\n")
    save_photo(place / "pool/b" / os.fsdecode(b"caf\xe9.jpg"), 1)
    return place / "photos"


def test_photos_are_watched_where_they_are_and_may_be_moved(tmp_path: Path) -> None:
    place = tmp_path / "old place"
    checkout = Checkout(place / "checkout")
    checkout.without_preloading()
    photos_with_everything(place)
    (place / "w.pth").write_bytes(b"weights")
    checkout.edit("params.yaml", "data: critters ", "data: image_folder ")
    for key, value in TINY.items():
        if key != "size":
            checkout.edit("params.yaml", f"    {key}: {value}", f"    {key}: null")
    checkout.edit("params.yaml", "    folder: null", "    folder: ../photos")
    checkout.edit("params.yaml", "    weights: null", "    weights: ../w.pth")
    assert checkout.repro("prepare") == {"compose", "prepare"}
    dataset = checkout.root / "artifacts/image_folder"
    skipped = {
        item["path"]: item["reason"] for item in json.loads((dataset / "images/meta.json").read_text())["skipped"]
    }
    assert set(skipped) == {"a/pipe.jpg", "x", "gone.jpg", "b/caf\\udce9.jpg"}

    save_photo(place / "pool/a/new.jpg", 999)
    assert checkout.repro("prepare") == {"prepare"}
    assert "a/new.jpg" in (dataset / "images/manifest.csv").read_text()

    # Everything is moved at once: the checkout with what it names by relative paths.
    place = place.rename(tmp_path / "new place")
    checkout.stands_at(place / "checkout")
    assert checkout.repro("prepare") == set()

    # The photos and the weights alone; and what an earlier version left, links to what is no longer there, stops
    # nobody.
    (place / "photos").rename(place / "my photos")
    (place / "w.pth").rename(place / "other.pth")
    (checkout.root / "artifacts/image_folder/conf/inputs").mkdir()
    (checkout.root / "artifacts/image_folder/conf/inputs/data").symlink_to("/nowhere")
    with pytest.raises(AssertionError, match=r"error: data\.folder: .*photos does not exist"):
        checkout.edit("params.yaml", "weights: ../w.pth", "weights: ../other.pth")
        checkout.repro("prepare")
    checkout.edit("params.yaml", "folder: ../photos", "folder: '../my photos'")
    assert checkout.repro("prepare") == {"compose"}
    assert not (checkout.root / "artifacts/image_folder/conf/inputs").exists()


def test_a_copy_of_the_checkout_that_lacks_an_option_says_how_git_learns_of_it(tmp_path: Path) -> None:
    own, copy = Checkout(tmp_path / "own"), Checkout(tmp_path / "copy")
    (own.root / "conf/data/mine.yaml").write_text((own.root / "conf/data/critters.yaml").read_text())
    copy.edit("params.yaml", "data: critters ", "data: mine ")
    command = [sys.executable, "pipelines/compose.py"]
    done = subprocess.run(
        command,
        cwd=copy.root,
        env={**copy.environment, "DVC_ROOT": str(own.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "conf/data/mine.yaml is not known to git" in done.stderr and "git add -N conf/data/mine.yaml" in done.stderr
