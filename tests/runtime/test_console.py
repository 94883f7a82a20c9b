"""One door: whatever is raised comes out as one line with a remedy and an exit status; only a fault of the code keeps
its stack trace.
"""

from __future__ import annotations

import csv
import errno
import io
import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
from filelock import Timeout

import warmstart
from support import CHECKOUT, python
from warmstart.errors import UserError
from warmstart.runtime import machine_errors as errors
from warmstart.runtime.console import FAULT, exit_on_user_error
from warmstart.runtime.machine_errors import sentence

HOME_PHOTOS = "/home/me/photos/a.jpg"


def raised(work: Callable[[], object]) -> BaseException:
    """What ``work`` raises, with its stack as in life."""
    try:
        work()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def shown(error: BaseException, capsys: pytest.CaptureFixture[str], log: Path | None = None) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended, exit_on_user_error(log):
        raise error
    return int(ended.value.code or 0), capsys.readouterr().err


CODES = [
    "ENOSPC",
    "EDQUOT",
    "EROFS",
    "EACCES",
    "EPERM",
    "ENAMETOOLONG",
    "EMFILE",
    "ENFILE",
    "EIO",
    "ESTALE",
    "ELOOP",
    "EFBIG",
    "ENOLCK",
]


@pytest.mark.parametrize("name", CODES)
def test_what_the_system_refuses_is_one_line_that_names_the_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.npy"
    code, err = shown(OSError(getattr(errno, name), os.strerror(getattr(errno, name)), str(path)), capsys)
    assert code == 1 and err.startswith("error: ") and len(err.splitlines()) == 1
    assert str(tmp_path) in err and "Errno" not in err and "report" not in err


@pytest.mark.parametrize("name", ["ENOENT", "ENOTDIR", "EISDIR"])
def test_a_missing_file_is_the_persons_or_a_fault_of_ours_by_where_it_should_be(name: str) -> None:
    number = getattr(errno, name)
    assert HOME_PHOTOS in str(sentence(OSError(number, "x", HOME_PHOTOS)))
    assert sentence(OSError(number, "x", str(errors.ROOT / "artifacts/critters/images/meta.json"))) is None
    assert sentence(OSError(number, "x", str(errors.ROOT / "src/warmstart/drawing/style.css"))) is None


def wrapped(outer: Exception, inner: Exception) -> Exception:
    def work() -> None:
        try:
            raise inner
        except Exception as error:
            raise outer from error

    return raised(work)  # type: ignore[return-value]


def with_file(path: Path, work: Callable[[Path], object]) -> BaseException:
    def inner(place: Path) -> None:
        work(place)

    return raised(lambda: inner(path))


@pytest.fixture
def latin(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_bytes("a.jpg,café\n".encode("latin-1"))
    return path


def kinds(path: Path) -> list[tuple[BaseException, list[str]]]:
    """Errors as Python and the libraries raise them, and what the line about each must say."""
    long = "x" * (csv.field_size_limit() + 1)
    folder = path.parent

    def no_database() -> None:
        sqlite3.connect(folder / "none" / "mlflow.db").execute("select 1")

    def read_only() -> None:
        connection = sqlite3.connect(":memory:")
        connection.execute("pragma query_only=1")
        connection.execute("create table t (x)")

    def no_package() -> None:
        import pillow_hief  # type: ignore[import-not-found]  # noqa: F401

    mlflow = type("MlflowException", (Exception,), {})(
        "(sqlite3.OperationalError) database or disk is full\n[SQL: INSERT …]"
    )
    return [
        (Timeout("/x/.store.lock"), ["/x/.store.lock", "another process"]),
        (UserError("data.size is 0: give 1 or more"), ["data.size is 0"]),
        (MemoryError(), ["memory"]),
        (raised(lambda: np.empty(2**50, dtype=np.uint8)), ["memory", "data.size"]),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory: you tried …"),
            ["memory"],
        ),
        (BrokenProcessPool("A process in the process pool was terminated abruptly"), ["memory", "data.workers"]),
        (RuntimeError("DataLoader worker (pid(s) 4242) exited unexpectedly"), ["memory", "trainer.workers"]),
        (
            RuntimeError("unable to write to file </torch_1_2_3>: No space left on device (28) [Errno 28]"),
            ["/dev/shm", "trainer.workers"],
        ),
        (with_file(path, lambda place: place.read_text("utf-8")), [str(path), "UTF-8"]),
        (raised(lambda: "caf\udce9".encode()), ["\\udce9", "rename"]),
        (with_file(path, lambda place: list(csv.reader(io.StringIO(long)))), [str(path), "CSV"]),
        (raised(no_database), ["mlflow.db"]),
        (raised(read_only), ["mlflow.db", "write"]),
        (mlflow, ["disk is full"]),
        (wrapped(ValueError("cannot save"), OSError(errno.ENOSPC, "x", str(path))), ["disk is full", str(folder)]),
        (OSError("Caught OSError in worker 0. OSError: [Errno 28] No space left on device"), ["disk is full"]),
        (RuntimeError("PytorchStreamReader failed reading zip archive: failed finding central directory"), ["damaged"]),
        (raised(lambda: Path("~nosuchuser/x").expanduser()), ["HOME"]),
        (KeyError("getpwuid(): uid not found: 4242"), ["USER", "HOME"]),
        (raised(no_package), ["pillow_hief", "pip install"]),
    ]


def test_every_kind_of_error_that_is_not_ours_says_what_and_what_to_do(
    latin: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for error, words in kinds(latin):
        code, err = shown(error, capsys)
        assert code == 1 and err.startswith("error: ") and "Traceback" not in err and len(err.splitlines()) == 1, err
        assert all(word in err for word in words), (err, words)


@pytest.mark.parametrize(
    "error",
    [
        TypeError("x"),
        KeyError("seed"),
        ValueError("bad"),
        RuntimeError("size mismatch"),
        AssertionError(),
        ZeroDivisionError(),
    ],
)
def test_a_fault_of_ours_is_a_line_and_a_trace_in_the_log(
    error: Exception, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "artifacts" / "fault.log"
    code, err = shown(error, capsys, log)
    assert code == 1 and err.startswith(FAULT) and len(err.splitlines()) == 1
    assert type(error).__name__ in err and str(log) in err and "report" in err and "not of your photos" in err
    kept = log.read_text()
    assert (
        "Traceback (most recent call last)" in kept and "in shown" in kept and "Python 3" in kept and "mlflow" in kept
    )
    shown(error, capsys, log)
    assert log.read_text().startswith(kept)  # what an earlier one left is kept


def test_without_a_log_the_trace_is_printed_before_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, err = shown(TypeError("x"), capsys)
    assert code == 1 and "Traceback" in err and err.splitlines()[-1].startswith(FAULT) and "\nerror: " not in err


def test_a_log_that_cannot_be_written_is_no_second_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "artifacts").write_text("no folder")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "artifacts"))
    code, err = shown(TypeError("x"), capsys, tmp_path / "artifacts" / "fault.log")
    assert code == 1 and "Traceback" in err and FAULT in err


def test_an_interrupt_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    code, err = shown(KeyboardInterrupt(), capsys)
    assert code == 130 and "the same command goes on" in err


def test_the_command_keeps_the_trace_of_a_fault_in_its_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from warmstart.cli import main, report
    from warmstart.cli.checkout import NEEDED

    def broken(args: object) -> int:
        raise TypeError("no such thing")

    for name in NEEDED:
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(warmstart, "__file__", str(tmp_path / "src/warmstart/__init__.py"))
    monkeypatch.setattr(report, "report", broken)
    with pytest.raises(SystemExit) as ended:
        main.main(["report"])
    assert ended.value.code == 1 and str(tmp_path / "artifacts/fault.log") in capsys.readouterr().err
    assert "no such thing" in (tmp_path / "artifacts/fault.log").read_text()


def test_what_is_no_error_goes_through() -> None:
    with pytest.raises(SystemExit) as ended, exit_on_user_error():
        raise SystemExit(3)
    assert ended.value.code == 3


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    code = (
        "from warmstart.runtime.console import exit_on_user_error, say\n"
        "with exit_on_user_error():\n    for n in range(100_000): say('line')\n"
    )  # fmt: skip
    command = f"{sys.executable} -c {code!r} | head -1; echo ${{PIPESTATUS[0]}}"
    done = python(
        "-c", f"import subprocess; subprocess.run(['bash', '-c', {command!r}])", PYTHONPATH=str(CHECKOUT / "src")
    )
    assert "Broken" not in done.stderr and "Traceback" not in done.stderr


def test_a_name_that_is_no_text_is_printed_with_escapes() -> None:
    code = "from warmstart.runtime.console import say, start_logging\nstart_logging()\nsay('caf\\udce9.jpg')"
    done = python("-c", code, PYTHONPATH=str(CHECKOUT / "src"), PYTHONIOENCODING="utf-8")
    assert done.returncode == 0 and "caf\\udce9.jpg" in done.stdout


def test_a_file_that_outgrows_the_limit_is_told_and_the_old_one_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from warmstart.files.plain import write_bytes

    path = tmp_path / "a.npy"
    write_bytes(path, b"old")
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        error = raised(lambda: write_bytes(path, b"x" * 5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    code, err = shown(error, capsys)
    assert code == 1 and err.startswith("error: ") and path.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.npy"]


def test_a_loader_that_could_not_be_made_prints_no_stack_beside_the_sentence() -> None:
    code = (
        "import sys\nfrom warmstart.runtime.console import start_logging\nstart_logging()\n"
        "class _MultiProcessingDataLoaderIter:\n    def __del__(self): self._shutdown\n"
        "class Other:\n    def __del__(self): self.missing\n"
        "_MultiProcessingDataLoaderIter()\nprint('between', file=sys.stderr)\nOther()"
    )
    first, _, then = python("-c", code, PYTHONPATH=str(CHECKOUT / "src")).stderr.partition("between")
    assert not first and "missing" in then, "what is no consequence is shown"


def test_a_lock_for_which_there_is_no_shared_memory_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    code = compile(
        f"raise OSError({errno.ENOSPC}, 'No space left on device')", "/lib/multiprocessing/synchronize.py", "exec"
    )
    assert "shared memory" in shown(raised(lambda: exec(code, {})), capsys)[1]
    with_name = compile(
        f"raise OSError({errno.ENOSPC}, 'No space left on device', '/tmp/x')", "/lib/multiprocessing/util.py", "exec"
    )
    assert "shared memory" not in shown(raised(lambda: exec(with_name, {})), capsys)[1]


def test_the_full_disk_is_named_where_a_library_wrote_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from warmstart.runtime import machine_errors as errors

    def room(path: str | Path) -> tuple[Path, int]:
        return Path(path), 0 if Path(path) == tmp_path / "temporary" else 10**9

    monkeypatch.setattr("warmstart.runtime.full_disk.free_space", room)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    assert str(tmp_path / "temporary") in errors.full_disk(tmp_path / "artifacts")
    assert str(tmp_path / "artifacts") in errors.full_disk(tmp_path / "artifacts", quota=True)
