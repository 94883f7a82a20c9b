"""What DVC watches besides the checkout, and what it must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import CHECKOUT, compose_config
from warmstart.config.write import data_inputs
from warmstart.errors import UserError


def test_photos_their_table_and_corrections_are_watched(tmp_path: Path) -> None:
    for name in ("table.csv", "corrections.csv"):
        (tmp_path / name).touch()
    named = {"csv": str(tmp_path / "table.csv"), "corrections": str(tmp_path / "corrections.csv")}
    assert data_inputs(named) == {"data": tmp_path, "table": tmp_path / "table.csv", "corrections": tmp_path / "corrections.csv"}
    (tmp_path / "photos").mkdir()
    assert data_inputs({**named, "folder": str(tmp_path / "photos")})["data"] == tmp_path / "photos"
    assert data_inputs({}) == {"data": None, "table": None, "corrections": None}
    with pytest.raises(UserError, match=r"data\.corrections: .*nowhere"):
        data_inputs({"corrections": str(tmp_path / "nowhere.csv")})


def test_a_folder_that_holds_the_checkout_is_not_watched(caplog: pytest.LogCaptureFixture) -> None:
    assert data_inputs({"csv": str(CHECKOUT / "README.md")})["data"] is None
    assert "will not be noticed" in caplog.text
    with pytest.raises(UserError, match="holds this checkout"):
        data_inputs({"folder": str(CHECKOUT.parent)})


def test_so_many_of_each_class_replace_the_numbers_of_an_option() -> None:
    from omegaconf import OmegaConf

    from _resolve import free_counts

    composed = OmegaConf.create({"data": compose_config("data=cats_vs_dogs")["data"]})
    counts = dict.fromkeys(("data.train", "data.val", "data.test"))
    assert free_counts(composed, {"data.per_class": 500}) == counts == free_counts(composed, {"data.folds": 5})
    assert free_counts(composed, {"data.per_class": 500, "data.train": 10}) == {} == free_counts(composed, {"data.size": 64})
