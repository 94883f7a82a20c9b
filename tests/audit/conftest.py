"""Finding what is wrong with a scan made from rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scans import write_scan
from warmstart.audit.find import find
from warmstart.audit.findings import Findings
from warmstart.audit.scan import read_scan


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., Findings]:
    """Write a scan of rows, read it back and find what is wrong with it."""

    def _found(rows: list[dict[str, Any]], **record: Any) -> Findings:
        return find(read_scan(write_scan(tmp_path / "scan", rows, **record)))

    return _found
