"""What DVC and stages print when they fail, as they really printed it, comes out as what to do; only a trace of our
code is ours.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support import python
from warmstart.cli.dvc.output import DVC_ERRORS, find_error
from warmstart.cli.failures import SYSTEM_ERRORS, explain
from warmstart.cli.messages import FAILURES
from warmstart.cli.user_environment import missing_variables
from warmstart.runtime.console import FAULT

STAGE = "Running stage 'prepare':\n> python pipelines/prepare.py -cp artifacts/x/conf -cn prepare\n"
STOPPED = "ERROR: failed to reproduce 'prepare': failed to run: python pipelines/prepare.py -cp artifacts/x/conf -cn prepare, exited with "
HELP = "\n\nHaving any troubles? Hit us up at https://dvc.org/support, we are always happy to help!\n"
TRACE = """Error executing job with overrides: []
Traceback (most recent call last):
  File "/checkout/pipelines/_app.py", line 65, in main
    return work(config, _place(stage, config))
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/checkout/pipelines/prepare.py", line 11, in work
    from ingest_options import prepare
ImportError: cannot import name 'prepare' from 'warmstart.ingest.prepare' (/checkout/src/warmstart/ingest/prepare.py)
"""
HOMELESS = """  File "/venv/lib/python3.11/site-packages/platformdirs/_xdg.py", line 196, in expand_user
    raise RuntimeError(msg)
RuntimeError: could not determine the home directory for '~/.config', set an absolute HOME or XDG variable
"""
FULL_CACHE = """prepared digits: 1259 train, 179 val, 359 test
ERROR: failed to transfer 'a3ce15aa7d20b719bddc5123b436f119' - [Errno 28] No space left on device: '/checkout/artifacts/x/images/train.npy' -> '/checkout/.dvc/cache/files/md5/a3/.PSjd.tmp'
ERROR: failed to transfer '397d5961bcbfb79bb35406c4cdc99ea5' - [Errno 28] No space left on device: '/checkout/artifacts/x/images/manifest.csv' -> '/checkout/.dvc/cache/files/md5/39/.rJFx.tmp'
ERROR: failed to reproduce 'prepare': [Errno 28] No space left on device
"""
PANEL = """ERROR: unable to read: 'params.yaml', YAML file structure is corrupted: while parsing a flow sequence
  in "<unicode string>", line 10, column 7:
    seed: [ null            # everything b ...
          ^ (line: 10)
expected ',' or ']', but got '<scalar>'
"""
# name, what was printed (DVC 3.67), what must be in the sentence
ROWS = [
    ("disk full, DVC's cache", FULL_CACHE, ["disk is full", "stage prepare"]),
    ("disk full, restoring", "ERROR: failed to reproduce 'prepare': No possible cache link types for '/checkout/artifacts/x/images/manifest.csv'. See <https://dvc.org/doc> for more information.\n", ["/checkout/artifacts/x/images/manifest.csv", "free"]),
    ("disk full, DVC's database", "ERROR: unexpected error - database or disk is full" + HELP, ["disk is full"]),
    ("a stage's own word", STAGE + "error: the disk is full: /x has 4 kB free\n" + STOPPED + "1\n", ["the disk is full: /x has 4 kB"]),
    ("a stage's own words", STAGE + "error: first\nsecond\n" + STOPPED + "1\n", ["first\nsecond\n(everything"]),
    ("results protected", "ERROR: failed to reproduce 'compose': [Errno 13] Permission denied: '/checkout/artifacts/x/conf/prepare.yaml'\n", ["/checkout/artifacts/x/conf/prepare.yaml", "chmod"]),
    ("DVC's folder protected", "ERROR: unexpected error - [Errno 13] Permission denied: '/checkout/.dvc/tmp/lock'" + HELP, ["/checkout/.dvc/tmp/lock", "chmod"]),
    ("dvc.lock protected", "ERROR: failed to reproduce 'compose': [Errno 13] Permission denied: '/checkout/dvc.lock'\n", ["/checkout/dvc.lock", "chmod"]),
    ("mounted read-only", "ERROR: unexpected error - [Errno 30] Read-only file system: '/checkout/.dvc/tmp/lock'" + HELP, ["/checkout/.dvc/tmp/lock", "read-only"]),
    ("no home", HOMELESS, ["HOME"]),
    ("no name", "ERROR: unexpected error - 'getpwuid(): uid not found: 4242'" + HELP, ["USER", "4242"]),
    ("dvc.lock empty", "'./dvc.lock' validation failed.\n\nrequired key not provided, in schema\n", ["git checkout dvc.lock"]),
    ("dvc.lock cut off", "'./dvc.lock' is invalid.\n\nWhile parsing a flow node, in line 1, column 6\n  1 {a: [   \n", ["git checkout dvc.lock"]),
    ("rwlock empty", "ERROR: failed to reproduce 'compose': Unable to read RWLock-file '.dvc/tmp/rwlock'. JSON structure is corrupted: Expecting value: line 1 column 1 (char 0)\n", [".dvc/tmp/rwlock", "same command"]),
    ("rwlock of another form", "ERROR: failed to reproduce 'compose': RWLock-file '.dvc/tmp/rwlock' format error.: extra keys not allowed @ data['x']\n", [".dvc/tmp/rwlock", "same command"]),
    ("lock of a dead process", "ERROR: failed to reproduce 'compose': '/checkout/artifacts/x/conf' is busy, it is being blocked by:\n  (PID 4194999): dvc repro\n", [".dvc/tmp/rwlock", "same command"]),
    ("lock of another program", f"ERROR: failed to reproduce 'compose': '/a' is busy, it is being blocked by:\n  (PID {os.getpid()}): dvc repro\n", [".dvc/tmp/rwlock", "same command"]),
    ("lock held", "ERROR: Unable to acquire lock. Most likely another DVC process is running or was terminated abruptly.\n", ["at work in this checkout"]),
    ("no git", "ERROR: /checkout is not a git repository\n", ["git init"]),
    ("no .dvc", "ERROR: you are not inside of a DVC repository (checked up to mount point '/')\n", ["git checkout .dvc"]),
    ("DVC's settings damaged", "dvc.config.ConfigError: config file error: Invalid line ('nonsense') at line 6.\n", ["git checkout .dvc/config", "line 6"]),
    ("dvc.yaml damaged", "'./dvc.yaml' is invalid.\n\nWhile parsing a flow sequence, in line 3, column 9\n", ["dvc.yaml", "undo"]),
    ("params.yaml damaged", PANEL, ["params.yaml", "line 10"]),
    ("params.yaml without a key", "ERROR: failed to parse 'stages.compose.outs' in 'dvc.yaml': Could not find 'data'\n", ["params.yaml", "no key data"]),
    ("memory", STAGE + STOPPED + "-9\n", ["memory"]),
    ("ended", STAGE + STOPPED + "-15\n", ["from outside", "same command"]),
    ("interrupted", STAGE + STOPPED + "130\n", ["interrupted", "same command"]),
    ("a crash in a library", STAGE + STOPPED + "-11\n", ["crashed", "requirements.txt"]),
    ("memory map on a full disk", STAGE + STOPPED + "-7\n", ["disk"]),
    ("no result", STAGE + "ERROR: failed to reproduce 'prepare': output 'artifacts/x/images' does not exist\n", ["artifacts/x/images", "same command"]),
    ("a package missing", "/venv/bin/python: No module named dvc\n", ["dvc", "pip install"]),
    ("what nobody has thought of", "ERROR: unexpected error - the moon is full" + HELP, ["the moon is full"]),
    ("nothing printed", "", ["failed"]),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "words"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_the_person_can_mend_is_told_and_is_not_called_a_fault(printed: str, words: list[str]) -> None:
    said = explain(printed.splitlines(), Path("run.log"))
    assert all(word in said for word in words), said
    assert "please report" not in said and "Having any troubles" not in said and "Traceback" not in said


@pytest.mark.parametrize(
    "printed", [TRACE + STOPPED + "1\n", f"{FAULT}a fault (ImportError: cannot import name 'prepare')\n{STOPPED}1\n"]
)
def test_a_trace_of_our_own_code_is_a_fault_to_report(printed: str) -> None:
    said = explain((STAGE + printed).splitlines(), Path("run.log"))
    assert (
        "please report" in said
        and "ImportError: cannot import name" in said
        and "run.log" in said
        and "stage prepare" in said
    )


def test_every_kind_of_error_has_a_row_that_shows_it_and_a_message() -> None:
    patterns = (*DVC_ERRORS, *SYSTEM_ERRORS)
    seen = {found[0] for _, printed, _ in ROWS if (found := find_error(printed, patterns))}
    assert seen == {kind for kind, _ in patterns}
    assert seen - {"package_missing"} <= set(FAILURES), "whose sentence warmstart.errors has"


def test_a_user_without_name_or_home_gets_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import os, pwd\npwd.getpwuid = lambda n: (_ for _ in ()).throw(KeyError('getpwuid(): uid not found'))\n"
    code += "from warmstart.cli.user_environment import environment\ne = environment()\nprint(e['USER'], e['LOGNAME'], e['HOME'])"
    for name in ("HOME", "USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    source = str(Path(__file__).resolve().parents[2] / "src")
    outs = [python("-c", code, PYTHONPATH=source, TMPDIR=str(tmp_path)).stdout.split() for _ in range(2)]
    assert outs[0] == outs[1] and outs[0][0] == outs[0][1] and Path(outs[0][2]).is_relative_to(tmp_path)
    assert Path(outs[0][2]).stat().st_mode & 0o077 == 0


def test_a_user_with_name_and_home_keeps_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USER", "me")
    assert missing_variables() == {}
