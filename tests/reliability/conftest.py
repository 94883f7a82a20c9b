"""The stand of all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reliability.stand import Stand


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    made = Stand(tmp_path_factory.mktemp("reliability"))
    yield made
    made.close()
