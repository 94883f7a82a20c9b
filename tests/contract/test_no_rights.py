"""In a checkout, or a store, that this user may not write to, every command ends with one line that names the place,
and changes nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import CHECKOUT

# Root without the right to pass over file modes: what any other user is.
BARRED = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.name == "posix" and os.geteuid() == 0 else []
)
DOOR = "import sys\nfrom pathlib import Path\nfrom warmstart.runtime.console import exit_on_user_error\nroot = Path(sys.argv[1])\nwith exit_on_user_error():\n"
WORK = {
    "a run": "    from warmstart.cli.checkout_lock import checkout_lock\n    from warmstart.cli.checkout import Checkout\n    with checkout_lock(Checkout(root)): pass",
    "its log": "    from warmstart.cli.checkout import Checkout\n    from warmstart.cli.runner import Runner\n"
    "    Runner(Checkout(root), root / 'artifacts/x/run.log')(['python', '-V'])",
    "a new result": "    from warmstart.files.plain import replace_dir\n    with replace_dir(root / 'artifacts/x/images') as aside: pass",
    "a result made anew": "    from warmstart.files.plain import replace_dir\n    with replace_dir(root / 'artifacts/old') as aside: pass",
    "a file": "    from warmstart.files.plain import write_json\n    write_json(root / 'params.yaml', {})",
    "reading": "    from warmstart.files.plain import read_json\n    read_json(root / 'secret.json')",
}


@pytest.fixture
def barred(tmp_path: Path) -> Iterator[Path]:
    """A checkout without a single right to write."""
    if BARRED and (not shutil.which("setpriv") or subprocess.run([*BARRED, "true"], check=False).returncode):
        pytest.skip("needs setpriv")
    root = tmp_path / "checkout"
    (root / "artifacts/old").mkdir(parents=True)
    (root / "artifacts/old/a.txt").write_text("old")
    (root / "params.yaml").write_text("data: critters\n")
    (root / "secret.json").write_text("{}")
    (root / "secret.json").chmod(0)
    folders = [root / "artifacts/old", root / "artifacts", root]
    for folder in folders:
        folder.chmod(0o555)
    yield root
    for folder in folders:
        folder.chmod(0o755)


@pytest.mark.skipif(os.name != "posix", reason="modes as Unix has them")
@pytest.mark.parametrize("what", WORK)
def test_one_line_names_the_place(what: str, barred: Path) -> None:
    before = sorted(barred.rglob("*"))
    done = subprocess.run(
        [*BARRED, sys.executable, "-c", DOOR + WORK[what], str(barred)], env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ") and str(barred) in done.stderr and "chmod" in done.stderr
    assert "/." not in done.stderr.removeprefix(f"error: {barred}"), "a name that only the code knows"
    assert sorted(barred.rglob("*")) == before and (barred / "artifacts/old/a.txt").read_text() == "old"


@pytest.mark.skipif(os.name != "posix", reason="modes as Unix has them")
def test_a_store_that_may_not_be_written_is_not_to_be_deleted(barred: Path) -> None:
    import sqlite3

    barred.chmod(0o755)
    (barred / "mlruns").mkdir()
    with sqlite3.connect(barred / "mlruns/mlflow.db") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE runs (x)")
    connection.close()
    (barred / "mlruns").chmod(0o555)
    code = DOOR + "    from warmstart.tracking.store import open_store\n    open_store(root)"
    done = subprocess.run(
        [*BARRED, sys.executable, "-c", code, str(barred)], env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    (barred / "mlruns").chmod(0o755)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    assert "mlflow.db cannot be written" in done.stderr and "elete" not in done.stderr and "away" not in done.stderr
