"""Files that one stage writes and another reads: what is wrong with one is a sentence that names it and what makes it
anew.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warmstart.errors import UserError, first_line

if TYPE_CHECKING:
    import numpy as np

# By the folder or file of a dataset: the stage that makes it, and whether a run by hand puts it there too.
_MADE_BY = {
    "images": ("prepare", True),
    "scan": ("prepare", True),
    "prepared.json": ("prepare", True),
    "feature_cache": ("feature_extract", True),
    "feature_extract.json": ("feature_extract", True),
    "audit": ("audit", True),
    "report": ("compare", True),
    "conf": ("compose", True),
    "inputs": ("list_inputs", True),
    "model": ("train", False),
    "evaluate": ("evaluate", False),
    "interpret": ("interpret", False),
    "learning_curve": ("learning_curve", False),
}

# Of files that were moved elsewhere, such as into a model of MLflow.
_BY_NAME = {
    ("model.json", "model.safetensors"): "evaluate the recipe again, which packages its model",
    (
        "metrics.json",
        "speed.json",
        "predictions.csv",
        "probabilities.npy",
        "out_of_fold.csv",
        "seed_predictions.csv",
    ): "evaluate the recipe again",
    ("model.ckpt", "history.csv", "run.json", "config.yaml"): "train the recipe again",
}


def remake(path: str | Path) -> str:
    """What makes a file or folder of a dataset anew, for the end of a sentence: ``run `dvc repro train@scratch```."""
    parts = Path(path).parts
    for place in range(len(parts) - 1, -1, -1):
        if parts[place] in _MADE_BY:
            stage, by_hand = _MADE_BY[parts[place]]
            if place > 1 and parts[place - 2] == "recipes":
                return f"run `dvc repro {stage}@{parts[place - 1]}`"
            if by_hand:
                return f"run `dvc repro {stage}`, or `python pipelines/{stage}.py` with the same options"
            return f"run `python pipelines/{stage}.py` again with the same options"
    for names, what in _BY_NAME.items():
        if Path(path).name in names:
            return what
    return "make it again, or fetch it anew"


@contextmanager
def reading(path: str | Path, what: str = "") -> Iterator[None]:
    """Turn what goes wrong while a file is read and understood into a UserError that names it, and what to do.

    what: what the file should be, such as "a table of predictions". What the system refuses (rights, memory, the disk)
    passes as it is. Keep the body small: an error of other code would be blamed on the file.
    """
    try:
        yield
    except UserError as error:
        if str(Path(path).parent) in str(error):  # it names the file, or the one beside it that is at fault
            raise
        raise damage(path, str(error), what) from None
    except MemoryError:
        raise
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: {remake(path)}") from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL, errno.EISDIR):
            raise
        raise damage(path, f"{type(error).__name__}: {first_line(error)}", what) from None


def damage(path: str | Path, why: str, what: str = "") -> UserError:
    """The error that says of a file that it is not what it should be. why: in a few words."""
    return UserError(f"{path} is damaged, or not {what or 'what this version writes'} ({why}): {remake(path)}")


def need(path: str | Path, content: Any, keys: Iterable[str]) -> dict[str, Any]:
    """The ``content`` of a file, which is a dictionary that has these keys, or else UserError."""
    if not isinstance(content, dict):
        raise damage(path, f"it holds a {type(content).__name__} and no names with values")
    lacking = [key for key in keys if key not in content]
    if lacking:
        raise damage(path, f"it has no {lacking[0]!r}")
    return content


def read_array(path: str | Path, ndim: int) -> np.ndarray:
    """An array of numbers from a ``.npy`` file, with so many axes. Raises UserError."""
    with reading(path, "an array"):
        import numpy as np  # only now: the commands of the terminal have no use for it

        array: np.ndarray = np.load(path, allow_pickle=False)
        if array.ndim != ndim or array.dtype.kind not in "biuf":
            raise ValueError(f"its shape is {array.shape} and its type {array.dtype}")
    return array
