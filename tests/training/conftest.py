"""What tests of trainings share."""

from __future__ import annotations

import pytest

from fit_spy import FitSpy
from warmstart.training import fold


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> FitSpy:
    """Takes the place of fitting."""
    spy = FitSpy()
    monkeypatch.setattr(fold, "fit", spy)
    return spy
