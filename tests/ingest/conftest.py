"""Small folders of photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from photos import save_photo


@pytest.fixture
def photos(tmp_path: Path) -> Callable[..., Path]:
    """Make a folder with so many photos of each class."""

    def _photos(name: str = "photos", **classes: int) -> Path:
        root = tmp_path / name
        for label, (class_name, number) in enumerate(classes.items()):
            for index in range(number):
                save_photo(root / class_name / f"{index}.jpg", 1000 * label + index)
        return root

    return _photos
