"""Random folders of photos as disks have them: odd names, links, pipes, what may not be read, what systems leave."""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path

from photos import encoded_photo

NAMES = [
    "plain",
    "with blank",
    "'quoted'",
    '"twice"',
    "new\nline",
    "tab\t",
    "$HOME",
    "${x}",
    "#hash",
    "back\\slash",
    "ümlaut",
    "日本",
    "a,b",
    " ",
    "-",
    "~",
]
PHOTO = encoded_photo(0)
CLASSES = ("cat", "dog")


class World:
    """A folder of two classes, at ``root``, made from a seed; ``other`` lies beside it and is reached by links."""

    def __init__(self, place: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.place = place
        self.root, self.other = place / "photos", place / "other"
        for name in CLASSES:
            (self.root / name).mkdir(parents=True)
            for number in range(4):
                self.photo(self.root / name, f"{number}.jpg")
        self.photo(self.other / "linked", "behind.jpg")
        (self.root / "cat" / "linked").symlink_to(self.other / "linked")
        kinds = [getattr(self, name) for name in dir(World) if name.startswith("add_")]
        for kind in kinds + self.random.choices(kinds, k=8):
            kind(self.folder())

    def folder(self) -> Path:
        """One of the folders that are read, or a new one of an odd name."""
        below = [self.root / "cat", self.root / "dog", self.other / "linked"]
        new = self.random.choice(below) / self.random.choice(NAMES)
        return self.random.choice([*below, *([new] if not new.exists() or new.is_dir() else [])])

    def name(self, suffix: str = ".jpg") -> str:
        """An odd name, not used yet."""
        return f"{self.random.choice(NAMES)}{self.random.randrange(10**6)}{suffix}"

    def photo(self, folder: Path, name: str) -> Path:
        """A photo like no other, which can be decoded whatever follows its end."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PHOTO + self.random.randbytes(16))
        return folder / name

    def add_photo(self, folder: Path) -> None:
        self.photo(folder, self.name(self.random.choice([".jpg", ".JPEG", ".png"])))

    def add_link_to_a_file(self, folder: Path) -> None:
        target = self.photo(self.other / "files", self.name())
        folder.mkdir(exist_ok=True)
        (folder / self.name()).symlink_to(target)

    def add_linked_folder(self, folder: Path) -> None:
        target = self.other / self.name("")
        self.photo(target, self.name())
        folder.mkdir(exist_ok=True)
        (folder / self.name("")).symlink_to(target)

    def add_loop(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        (folder / self.name("")).symlink_to(self.random.choice([self.root, folder]))
        (folder / (name := self.name(""))).symlink_to(name)

    def add_dangling_link(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        (folder / self.name()).symlink_to("/nowhere/at all.jpg")

    def add_pipe(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        os.mkfifo(folder / self.name())
        (folder / self.name()).symlink_to(self.special("pipe", os.mkfifo))

    def add_socket(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.special("socket", lambda path: socket.socket(socket.AF_UNIX).bind(str(path)))
        os.link(self.place / "socket", folder / self.name())

    def special(self, name: str, make: object) -> Path:
        """Something that is no file, made once."""
        if not (self.place / name).exists():
            make(self.place / name)  # type: ignore[operator]
        return self.place / name

    def add_name_that_is_no_text(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        name = os.fsdecode(b"caf\xe9%d" % self.random.randrange(10**6))
        (folder / f"{name}.jpg").write_bytes(PHOTO)
        (folder / name).mkdir()
        self.photo(folder / name, "0.jpg")

    def add_unreadable_file(self, folder: Path) -> None:
        self.photo(folder, self.name()).chmod(0)

    def add_what_systems_leave(self, folder: Path) -> None:
        for name in (".hidden", "@eaDir", "#recycle", "__MACOSX", "$RECYCLE.BIN", "System Volume Information"):
            self.photo(folder / name, "thumb.jpg")
        for name in (".dvcignore", ".gitignore", ".DS_Store", "._0.jpg", "Thumbs.db", "notes.txt"):
            (folder / name).write_bytes(b"*")
