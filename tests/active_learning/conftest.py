"""A finished linear probe, once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from probed import write_probed, write_unlabelled
from support import Folders


@pytest.fixture(scope="session")
def probed(tmp_path_factory: pytest.TempPathFactory, train_tiny: Callable[..., Path]) -> Folders:
    """Its dataset."""
    return write_probed(tmp_path_factory.mktemp("probed"), train_tiny)


@pytest.fixture
def unlabelled(tmp_path: Path, probed: Folders) -> Path:
    """A folder of photos without labels, some of them copies and some unreadable."""
    return write_unlabelled(tmp_path / "unlabelled", probed.images)
