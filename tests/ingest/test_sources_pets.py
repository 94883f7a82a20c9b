"""The pets: by species or breed, with the authors' split and masks that lie on the photos, from a folder, from
archives, or fetched.
"""

from __future__ import annotations

import functools
import pickle
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ingest.file_server import serving
from ingest.pet_files import pet_archives, pet_set
from ingest_options import check_request, open_listing, prepare
from support import compose_config, manifest_rows
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.records.images import SkippedFile

composed = functools.cache(compose_config)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pet_set(tmp_path_factory.mktemp("pets") / "set")


@pytest.fixture(scope="module")
def files(published: Path) -> dict[str, Any]:
    return pet_archives(published, published.parent / "archives")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WARMSTART_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def config(folder: Path | None, **changes: Any) -> dict[str, Any]:
    small = {
        "size": 32,
        "workers": 1,
        "folder": folder and str(folder),
        "near_duplicates": False,
    }  # the photos of a breed are alike here
    return {**composed("data=pets")["data"], **small, **changes}


def test_species_and_breeds_and_the_split(published: Path) -> None:
    species = open_listing(config(published))
    assert Counter((entry.class_name, entry.split) for entry in species.entries) == {
        (name, split): n for name in ("cat", "dog") for split, n in (("train", 16), ("test", 6))
    }
    breeds = open_listing(config(published, labels="breed"))
    assert breeds.classes == ["Abyssinian", "Bengal", "american_bulldog", "pug"]
    assert [entry.path for entry in breeds.entries] == sorted(entry.path for entry in species.entries)
    assert species.skipped == [SkippedFile("images/Abyssinian_0.mat", "not an image file")]
    with pytest.raises(UserError, match=r"data\.labels is 'sex'; it is one of species and breed"):
        check_request(config(published, labels="sex"))


def test_the_readers_can_be_sent_to_workers(published: Path) -> None:
    listing = pickle.loads(pickle.dumps(open_listing(config(published))))
    assert listing.read("images/pug_1.jpg") == (published / "images/pug_1.jpg").read_bytes()
    assert listing.mask("images/pug_1.jpg") == (published / "annotations/trimaps/pug_1.png").read_bytes()


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_masks_lie_on_their_photos(published: Path, tmp_path: Path, fit: str) -> None:
    prepare(config(published, fit=fit), tmp_path / "out")
    store = ImageStore(tmp_path / "out")
    assert store.prepared.has_masks and store.prepared.counts.test == 12
    masks = np.asarray(store.masks("test"))
    assert masks.shape == (12, 32, 32) and masks.dtype == np.uint8 and set(np.unique(masks)) == {0, 1}
    assert store.masks("train") is None
    bright = np.asarray(store.images("test")).mean(axis=-1) > 140  # white where the pet is; a padded ground is darker
    for mask, pet in zip(masks.astype(bool), bright, strict=True):
        assert (mask & pet).sum() / (mask | pet).sum() > 0.9


def test_a_mask_counts_pet_and_border_and_only_test_photos_have_one(published: Path, tmp_path: Path) -> None:
    prepare(config(published, size=80), tmp_path / "out")
    store = ImageStore(tmp_path / "out")
    masks = store.masks("test")
    assert masks is not None
    for row, mask in zip(manifest_rows(store, "test"), masks, strict=True):
        trimap = np.asarray(Image.open(published / "annotations/trimaps" / f"{Path(row['path']).stem}.png"))
        assert mask.mean() == pytest.approx((trimap != 2).mean(), abs=0.02)


def test_the_archives_are_fetched_and_unpacked_once(
    files: dict[str, Any], published: Path, tmp_path: Path, cache: Path
) -> None:
    content = {f"/{part}.tar.gz": (published.parent / f"archives/{part}.tar.gz").read_bytes() for part in files}
    with serving(content) as server:
        fetched = config(None, url=f"{server.url}/", files=files)
        prepare(fetched, tmp_path / "out")
        prepare(fetched, tmp_path / "again")
        assert sorted(server.asked) == [("/annotations.tar.gz", None), ("/images.tar.gz", None)]
    prepare(config(published), tmp_path / "folder")
    digests = {ImageStore(tmp_path / name).digest for name in ("out", "again", "folder")}
    assert len(digests) == 1
    assert (tmp_path / "out/masks_test.npy").read_bytes() == (tmp_path / "folder/masks_test.npy").read_bytes()


def test_a_folder_may_hold_the_archives(files: dict[str, Any], published: Path, tmp_path: Path) -> None:
    own = config(published.parent / "archives", files=files)
    assert len(open_listing(own).entries) == 44
    shutil.copytree(published.parent / "archives", tmp_path / "damaged")
    (tmp_path / "damaged/images.tar.gz").write_bytes(b"x" * files["images"]["bytes"])
    with pytest.raises(UserError, match=r"images\.tar\.gz is not the published file .* fetch it again"):
        open_listing({**own, "folder": str(tmp_path / "damaged")})


def test_what_is_incomplete_is_named(published: Path, tmp_path: Path) -> None:
    root = tmp_path / "set"
    shutil.copytree(published, root)
    (root / "images/pug_0.jpg").unlink()
    shutil.copy(root / "images/pug_1.jpg", root / "images/pug_99.jpg")
    assert {item.path: item.reason for item in open_listing(config(root)).skipped} == {
        "images/pug_0.jpg": "no such file",
        "images/pug_99.jpg": "not in trainval.txt or test.txt",
        "images/Abyssinian_0.mat": "not an image file",
    }
    (root / "annotations/trimaps/pug_9.png").unlink()
    with pytest.raises(UserError, match=r"the trimap of images/pug_9\.jpg cannot be read"):
        prepare(config(root), tmp_path / "out")
    Image.new("L", (80, 50), 200).save(root / "annotations/trimaps/pug_9.png")
    with pytest.raises(UserError, match=r"pug_9\.jpg .* other values than 1, 2 and 3"):
        prepare(config(root), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("list_name", "text", "words"),
    [
        ("test", "pug_9 4 2\n", r"test\.txt, line 1 is 'pug_9 4 2', not a name, class, species and breed"),
        ("test", "pug_9 4 1 1\n", "line 1 is"),  # a cat with a dog's name
        ("trainval", "pug_9 4 2 1\npug_9 4 2 1\n", "line 2 lists pug_9 a second time"),
        ("test", "pug_0 4 2 1\n", "lists pug_0 a second time"),  # leaks
        ("test", None, r"test\.txt cannot be read"),
    ],
)
def test_damaged_lists_are_named(published: Path, tmp_path: Path, list_name: str, text: str | None, words: str) -> None:
    (tmp_path / "annotations").mkdir()
    (tmp_path / "images").symlink_to(published / "images")
    for name in ("trainval", "test"):
        shutil.copy(published / f"annotations/{name}.txt", tmp_path / "annotations")
    (tmp_path / f"annotations/{list_name}.txt").unlink()
    if text is not None:
        (tmp_path / f"annotations/{list_name}.txt").write_text(text)
    with pytest.raises(UserError, match=words):
        open_listing(config(tmp_path))


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has neither a folder images nor images\.tar\.gz; null fetches"):
        open_listing(config(tmp_path))
    with pytest.raises(UserError, match="is no folder"):
        open_listing(config(tmp_path / "nowhere"))
