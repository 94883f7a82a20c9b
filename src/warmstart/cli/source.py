"""What a person means by the photos that they name: a folder, a zip file, a table, or a data option of conf/data."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import yaml

from warmstart.cli.checkout import Checkout
from warmstart.cli.settings import Settings
from warmstart.config.counts import COUNTS
from warmstart.config.escape import escape
from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.text.near_names import did_you_mean

READ_OTHERWISE = ("none", "null", "hydra", "y", "n")  # words that YAML or Hydra would read as something else
WANTED = (
    "give a folder with one sub-folder of photos per class, a .zip of such, or a .csv with the columns path and label"
)


# A data option for a person's photos → its key for where these are.
PLACES = {"image_folder": "folder", "cats_vs_dogs": "archive", "csv": "csv"}


@dataclass(frozen=True)
class Source:
    """base: the data option that reads it. path: where the photos are, None for those of the option itself."""

    base: str
    path: Path | None = None

    @property
    def key(self) -> str | None:
        """The key of the option for the place, without ``data.``."""
        return PLACES.get(self.base)

    @property
    def needed(self) -> Settings:
        """What the option has to be told: the place and, for all photos of an archive, that it is not the published."""
        place = {f"data.{self.key}": escape(str(self.path))} if self.path else {}
        if self.path and self.base == "cats_vs_dogs":
            return Settings({"schedule": "own"}, {**dict.fromkeys(COUNTS), "backbone.size": "own", **place})
        return Settings({}, place)

    @property
    def name(self) -> str:
        """A name for a data option about it."""
        if not self.path:
            return f"{self.base}_own"
        return safe_name(self.path.stem if self.path.is_file() else self.path.name)

    def describe(self) -> str:
        """In a few words."""
        return f"{self.key} {self.path}" if self.path else f"the data option {self.base}"


def find_source(word: str, checkout: Checkout) -> Source:
    """What ``word`` means: a file or folder that exists, else a data option. Raises UserError where it is neither."""
    path = Path(os.path.abspath(expand_user(word)))
    if path.is_dir():
        return Source("image_folder", path)
    if path.is_file() and path.suffix.lower() == ".zip":
        return Source("cats_vs_dogs", path)
    if path.is_file() and path.suffix.lower() == ".csv":
        return Source("csv", path)
    if path.exists():
        raise UserError(f"{word} is a file of another kind: {WANTED}")
    if word in checkout.options():
        return Source(word)
    if os.sep in word or path.suffix or word.startswith("~"):
        raise UserError(f"{word} does not exist: {WANTED}")
    hint = did_you_mean(word, checkout.options()) or f"the options are {', '.join(checkout.options())}"
    raise UserError(f"{word} is neither a folder or file here nor a data option; {hint}")


def safe_name(text: str) -> str:
    """A name for a folder, an option and a key of YAML, of letters, digits, ``_`` and ``-``."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()  # é becomes e
    name = re.sub(r"[^a-z0-9_-]+", "_", plain).strip("_-")
    if not name:
        return "photos"
    unsafe = name in READ_OTHERWISE or not isinstance(yaml.safe_load(name), str) or name[0].isdigit()
    return f"photos_{name}" if unsafe else name
