"""The command works in the checkout that one stands in, with that one's code, and says so where it was installed from
another.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support import CHECKOUT, python
from warmstart.cli.checkout import standing_in
from warmstart.errors import UserError


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A second checkout, whose code says where it is."""
    root = tmp_path / "second tree"
    shutil.copytree(CHECKOUT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(CHECKOUT / name, root / name)
    (root / "conf").mkdir()
    (root / "pipelines").mkdir()
    (root / "pipelines/choose.py").touch()
    (root / "photos").mkdir()
    return root


def give(cwd: Path, **environment: str) -> tuple[int, str, str]:
    done = python("-m", "warmstart", "report", cwd=cwd, PYTHONPATH=str(CHECKOUT / "src"), **environment)
    return done.returncode, done.stdout, done.stderr


def test_it_works_where_one_stands_and_says_so(other: Path) -> None:
    (other / "src/warmstart/cli/report.py").write_text(
        "import warmstart\n\ndef report(args):\n    print(warmstart.__file__)\n    return 0\n"
    )
    for folder in (other, other / "photos"):
        code, out, err = give(folder)
        assert code == 0 and Path(out.strip()).is_relative_to(other)
        assert str(other) in err and str(CHECKOUT) in err and len(err.splitlines()) == 1


def test_nothing_is_said_in_the_own_checkout_and_outside_of_any(tmp_path: Path) -> None:
    for folder in (CHECKOUT, CHECKOUT / "docs", tmp_path):
        assert "working in" not in give(folder)[2]


def test_a_checkout_whose_code_cannot_be_used_is_no_endless_loop(other: Path) -> None:
    (other / "src/warmstart/__main__.py").unlink()
    code, _, err = give(other)
    assert code == 1 and err.count("working in") == 1


def test_an_ordinary_folder_is_no_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert standing_in() is None


def test_a_folder_that_was_deleted_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(UserError, match="deleted"):
        standing_in()
