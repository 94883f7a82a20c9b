"""Auditing a scan made from rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scans import write_scan
from warmstart.audit.checks.registry import run_checks
from warmstart.audit.scan import read_scan
from warmstart.records.audit import AuditReport


@pytest.fixture
def audited(tmp_path: Path) -> Callable[..., AuditReport]:
    """Write a scan of rows, read it back and run all checks on it."""

    def _audited(rows: list[dict[str, Any]], **record: Any) -> AuditReport:
        return run_checks(read_scan(write_scan(tmp_path / "scan", rows, **record)))

    return _audited
