"""A folder of photos of two classes without a fault, and the same folder with thirty known ones."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from warmstart.ingest.critters import CLASSES, draw

# With data.folds=5, photos enough for a useful interval; so the clean folder has nothing to look at.
EACH = 72
DRAWN = 160
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(range(256)) * 8


def clean(folder: Path) -> None:
    """Write ``cat/0000.jpg`` to ``dog/0071.jpg`` below ``folder``: drawings of different sizes, proportions and
    qualities, saved as JPEG, whose class shows in nothing but the picture.
    """
    for label, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for index in range(EACH):
            rng = np.random.default_rng([label, index])
            photo(label, index).save(folder / name / f"{index:04d}.jpg", quality=int(rng.integers(85, 96)))


def plant(folder: Path) -> dict[str, list[str]]:
    """Write the clean folder with thirty faults in it; returns what was planted, kind → paths relative to ``folder``.

    The kinds are the keys of the audit's findings. A copy is named after its original: ``cat/0003_mirrored.jpg`` is one
    of ``cat/0003.jpg``; a conflict is one of the photo of the same number in the other class.
    """
    clean(folder)
    planted = {
        "unreadable": ["cat/empty.jpg"],
        "truncated": ["cat/cut.jpg", "dog/cut.png"],
        "not_images": ["cat/text.jpg", "dog/page.png"],
        "no_decoder": ["dog/phone.heic"],
        "skipped": ["cat/Thumbs.db", "dog/notes.txt"],
        "tiny": ["cat/tiny.jpg", "dog/tiny.png"],
        "extreme_aspect": ["cat/wide.jpg", "dog/high.jpg"],
        "exact": ["cat/0001_copy.jpg", "dog/0002_copy.jpg"],
        "near": ["cat/0003_mirrored.jpg", "cat/0004_smaller.jpg", "dog/0005_saved_again.jpg", "dog/0006_cropped.jpg"],
        "conflicts": ["dog/0007_as_dog.jpg", "cat/0008_as_cat.jpg"],
        "animated": ["cat/moving.gif"],
        "modes": ["cat/inks.jpg", "cat/deep.png", "dog/palette.png", "dog/glass.png"],
        "wrong_suffix": ["dog/png_inside.jpg"],
        "blank": ["cat/black.jpg"],
        "dark": ["dog/night.jpg"],
        "bright": ["cat/snow.jpg"],
        "blurred": ["dog/fog.jpg"],
    }
    files = {path.rpartition("/")[2]: folder / path for paths in planted.values() for path in paths}
    _broken(files)
    _copies(folder, files)
    _odd(files)
    return planted


@cache
def photo(label: int, index: int) -> Image.Image:
    """A photo of its own for each class and number: 160 to 400 pixels wide and high."""
    rng = np.random.default_rng([label, index])
    width, height = (int(side) for side in rng.integers(160, 401, 2))
    picture = Image.fromarray(draw(7, 2 * index + label, DRAWN).image)
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def _broken(files: dict[str, Path]) -> None:
    files["empty.jpg"].touch()
    for number, name in enumerate(("cut.jpg", "cut.png")):
        photo(number, 100).save(files[name])
        whole = files[name].read_bytes()
        files[name].write_bytes(whole[: len(whole) // 2])
    files["text.jpg"].write_text("this was a photo once\n")
    files["page.png"].write_text("<!doctype html><title>404 not found</title>\n")
    files["phone.heic"].write_bytes(HEIC)
    files["Thumbs.db"].write_bytes(b"\xd0\xcf\x11\xe0" + bytes(200))
    files["notes.txt"].write_text("taken in the garden\n")


def _copies(folder: Path, files: dict[str, Path]) -> None:
    shutil.copy(folder / "cat/0001.jpg", files["0001_copy.jpg"])
    shutil.copy(folder / "dog/0002.jpg", files["0002_copy.jpg"])
    shutil.copy(folder / "cat/0007.jpg", files["0007_as_dog.jpg"])
    ImageOps.mirror(photo(0, 3)).save(files["0003_mirrored.jpg"], quality=90)
    small = photo(0, 4)
    small.resize((int(0.8 * small.width), int(0.8 * small.height)), Image.Resampling.BICUBIC).save(
        files["0004_smaller.jpg"], quality=90
    )
    photo(1, 5).save(files["0005_saved_again.jpg"], quality=60)
    photo(1, 8).save(files["0008_as_cat.jpg"], quality=60)
    whole = photo(1, 6)
    edge = (round(0.015 * whole.width), round(0.015 * whole.height))
    whole.crop((*edge, whole.width - edge[0], whole.height - edge[1])).save(files["0006_cropped.jpg"], quality=90)


def _odd(files: dict[str, Path]) -> None:
    photo(0, 101).resize((24, 30)).save(files["tiny.jpg"])
    photo(1, 101).resize((20, 20)).save(files["tiny.png"])
    photo(0, 102).resize((720, 180)).save(files["wide.jpg"])
    photo(1, 102).resize((170, 700)).save(files["high.jpg"])
    frames = [photo(0, index).resize((200, 180)) for index in (103, 104, 105)]
    frames[0].save(files["moving.gif"], save_all=True, append_images=frames[1:], duration=100)
    photo(0, 106).convert("CMYK").save(files["inks.jpg"])
    grey = np.asarray(photo(0, 107).convert("L"), dtype=np.uint16)
    Image.fromarray(grey * 257).save(files["deep.png"])
    photo(1, 106).convert("P").save(files["palette.png"])
    glass = photo(1, 107).convert("RGBA")
    glass.putalpha(Image.linear_gradient("L").resize(glass.size).point(lambda value: 155 + value // 3))
    glass.save(files["glass.png"])
    photo(1, 108).save(files["png_inside.jpg"], format="PNG")
    Image.new("RGB", (220, 200)).save(files["black.jpg"])
    ImageOps.autocontrast(photo(1, 109)).point(lambda value: round(255 * (value / 255) ** 5)).save(files["night.jpg"])
    ImageOps.autocontrast(photo(0, 109)).point(lambda value: round(255 - 255 * (1 - value / 255) ** 5)).save(
        files["snow.jpg"]
    )
    photo(1, 110).filter(ImageFilter.GaussianBlur(30)).save(files["fog.jpg"])
