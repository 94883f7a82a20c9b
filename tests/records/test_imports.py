from __future__ import annotations

from support import CHECKOUT, python

HEAVY = ("torch", "hydra", "omegaconf", "mlflow", "pandas", "matplotlib")
ROOMS = ("records", "files", "text", "errors", "runtime", "config")
NAMES_OF_METRICS = "warmstart.config.selection"  # of the configuration, what a record too has


def test_records_import_plumbing_alone() -> None:
    names = sorted(path.stem for path in (CHECKOUT / "src/warmstart/records").glob("[!_]*.py"))
    lines = [f"import warmstart.records.{name}" for name in names]
    told = python("-c", "\n".join([*lines, "import sys", "print(*sys.modules)"]), PYTHONPATH=str(CHECKOUT / "src"))
    loaded = told.stdout.split()
    assert told.returncode == 0, told.stderr
    assert not [name for name in loaded if name.split(".")[0] in HEAVY]
    assert {name.split(".")[1] for name in loaded if name.startswith("warmstart.")} <= set(ROOMS)
    assert [name for name in loaded if name.startswith("warmstart.config.")] == [NAMES_OF_METRICS]
