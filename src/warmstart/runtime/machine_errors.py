"""What an error means to the person: a UserError's own message, and one sentence for what the machine or
the input did.
"""

from __future__ import annotations

import csv
import errno
import os
import re
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from warmstart.errors import UserError, first_line
from warmstart.files.aside import ASIDE_SUFFIX
from warmstart.runtime.error_paths import ROOT, database_at_hand, file_at_hand, is_users, paths_at_hand
from warmstart.runtime.full_disk import ALMOST_FULL, full_disk, fullest

FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_CODE = re.compile(r"\[Errno (\d+)\]|\(os error (\d+)\)")
_MEMORY = re.compile(
    r"can't allocate memory|out of memory|Unable to allocate|Cannot allocate memory|std::bad_alloc", re.IGNORECASE
)
_DAMAGED = re.compile(
    r"PytorchStreamReader failed|Error while deserializing|Invalid magic|is not a zip file|Bad CRC|cannot identify "
    r"image|image file is truncated|broken data stream|Weights only load failed"
)
_WORKER = re.compile(r"process pool was terminated|DataLoader worker .*(killed|exited unexpectedly)")
_SHORT_WRITE = re.compile(
    r"PytorchStreamWriter failed|\d+ requested and \d+ written|file write failed|unexpected pos \d+ vs"
)


def sentence(error: BaseException) -> str | None:
    """One sentence that says what happened, where, and what to do; None where it is a fault of the code.

    Errors that another library has wrapped in one of its own are found by their cause.
    """
    return next((text for one in _causes(error) for mean in _MEANINGS if (text := mean(one))), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    now: BaseException | None = error
    while now is not None and now not in seen:
        seen.append(now)
        yield now
        hidden = now.__context__ if isinstance(now.__context__, OSError) and now.__context__.errno in FULL else None
        now = now.__cause__ or hidden


def _user(error: BaseException) -> str | None:
    return str(error) if isinstance(error, UserError) else None


def _system(error: BaseException) -> str | None:
    """An error of the system, by its number, also where a library has kept the number in its text only."""
    code = error.errno if isinstance(error, OSError) else None
    if code is None and (found := _CODE.search(str(error))):
        code = int(found[1] or found[2])
    if code is None:
        return full_disk(*paths_at_hand(error)) if _SHORT_WRITE.search(str(error)) else None
    if "No usable temporary directory" in str(error):
        return f"{full_disk(os.environ.get('TMPDIR', '/tmp'))}; or name another folder for temporary files in TMPDIR"
    name = getattr(error, "filename2", None) or getattr(error, "filename", None)
    path = _known(os.fsdecode(name)) if isinstance(name, (str, bytes)) else None
    if code in FULL:
        if "torch_" in str(error) or (path or "").startswith("/dev/shm") or (path is None and _in_shared_memory(error)):
            return (
                "the shared memory (/dev/shm) is full: set trainer.workers=0, or give the machine or container "
                "more of it"
            )
        return full_disk(*([path] if path else paths_at_hand(error)), quota=code == getattr(errno, "EDQUOT", None))
    if code in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY) and not is_users(path):
        return None
    what = _REMEDY.get(code)
    if (
        path
        and code in (errno.EACCES, errno.EPERM, errno.EROFS)
        and not os.path.lexists(path)
        and Path(path).parent.is_dir()
    ):
        path = str(Path(path).parent)  # the folder that refuses a new file, which often has a name that nobody knows
    return f"{path or next((_known(str(one)) for one in paths_at_hand(error)), 'a file')}: {what}" if what else None


_REMEDY = {
    errno.EACCES: "this user may not read or write it; ask its owner for it, or change its mode with `chmod u+rwX`",
    errno.EPERM: "the system does not permit that to this user; see who owns it and how its disk is mounted",
    errno.EROFS: "the disk is mounted read-only; remount it for writing, or work in a copy of the checkout elsewhere",
    errno.ENAMETOOLONG: "the name is longer than the disk allows; give it, or the folders around it, a shorter one",
    errno.EMFILE: "too many files are open; raise the limit (`ulimit -n 4096`), and give the same command again",
    errno.ENFILE: "too many files are open on this machine; close other programs, and give the same command again",
    errno.EIO: "the disk does not read or write it; it may be damaged or disconnected, so see the system's log",
    errno.ENXIO: "nothing answers there; it is no plain file",
    errno.ENODEV: "the disk does not support what was asked of it; use a local one",
    errno.ESTALE: "the network drive has lost it; mount the drive anew, and give the same command again",
    errno.ELOOP: "it is a link that leads back to itself; remove it",
    errno.EFBIG: "it would be larger than the disk or a limit (`ulimit -f`) allows",
    errno.ETXTBSY: "another program is using it; end that program first",
    errno.EBUSY: "another program is using it; end that program first",
    errno.ENOLCK: "the disk does not lock files, as some network drives; use a local one for the checkout",
    errno.ENOENT: "it does not exist, or no longer",
    errno.ENOTDIR: "it is no folder",
    errno.EISDIR: "it is a folder, and a file is needed",
    errno.EEXIST: "it is there already; move it away",
    errno.ENOTEMPTY: "it is there already; move it away",
}


def _memory(error: BaseException) -> str | None:
    if not (
        isinstance(error, MemoryError)
        or getattr(error, "errno", None) == errno.ENOMEM
        or (isinstance(error, (RuntimeError, OSError)) and _MEMORY.search(str(error)))
    ):
        return None
    where = "the accelerator" if "CUDA" in str(error) or "MPS" in str(error) else "this machine"
    return (
        f"{where} has not enough memory: close other programs, or try smaller photos (data.size) or batches "
        f"(schedule.batch_size)"
    )


def _worker(error: BaseException) -> str | None:
    if not _WORKER.search(str(error)):
        return None
    return (
        "a helper process was ended by the system, mostly because memory ran out: close other programs, or set "
        "data.workers=1 and trainer.workers=0"
    )


def _lock(error: BaseException) -> str | None:
    if type(error).__module__.partition(".")[0] == "filelock":
        return (
            f"{getattr(error, 'lock_file', 'a lock')} is held by another process: give the same command again "
            f"when that has ended"
        )
    return None


def _text(error: BaseException) -> str | None:
    if isinstance(error, UnicodeDecodeError):
        near = f"near {bytes(error.object[max(error.start - 20, 0) : error.end + 20])!r}"
        return f"{file_at_hand(error)}byte {error.start} is no {error.encoding} text ({near}): save it as UTF-8"
    if isinstance(error, UnicodeEncodeError):
        text = error.object[max(error.start - 20, 0) : error.end + 20].encode("ascii", "backslashreplace").decode()
        return (
            f"{file_at_hand(error)}a name or text has a character that {error.encoding} cannot hold (…{text}…): "
            f"rename it, or set PYTHONUTF8=1"
        )
    return None


def _table(error: BaseException) -> str | None:
    if isinstance(error, csv.Error):
        return f"{file_at_hand(error)}the table is not readable as CSV ({error}): save it anew as UTF-8 CSV"
    return None


def _database(error: BaseException) -> str | None:
    """SQLite's errors; SQLAlchemy and MLflow keep them in their own error's text."""
    text = str(error)
    if not (type(error).__module__ == "sqlite3" or "sqlite3." in text):
        return None
    place = database_at_hand(error) or ROOT / "mlruns" / "mlflow.db"
    if "disk is full" in text or ("disk I/O error" in text and fullest([place])[1] < ALMOST_FULL):
        return full_disk(place)
    if "readonly database" in text or "unable to open" in text:
        return (
            f"{place} cannot be written: this user needs to write it, and the files beside it, in a folder that "
            f"it may write to as well"
        )
    if "database is locked" in text:
        return f"{place} is in use by another program: end it, and give the same command again"
    if "disk I/O error" in text:
        return f"{place}: the disk does not read or write it; it may be damaged or on a network drive: use a local disk"
    return None


def _damaged(error: BaseException) -> str | None:
    if not _DAMAGED.search(str(error)):
        return None
    return f"{file_at_hand(error)}the file is damaged or of another kind ({first_line(error)}): fetch or make it anew"


def _nobody(error: BaseException) -> str | None:
    if isinstance(error, RuntimeError) and "home directory" in str(error):
        return "there is no home folder for a path that begins with ~: set HOME, or write the path in full"
    if isinstance(error, KeyError) and "getpwuid" in str(error):
        return "this user has no name on this machine: set USER, LOGNAME and HOME, such as USER=me HOME=/tmp/me"
    return None


def _package(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] != "warmstart":
        return (
            f"the package {error.name} is not installed in this Python: `pip install -r requirements.txt` "
            f"installs all that is needed"
        )
    missing = isinstance(error, ImportError) and "cannot open shared object file" in str(error)
    return f"a library of the system is missing: {first_line(error)}" if missing else None


def _option(error: BaseException) -> str | None:
    """What Hydra and OmegaConf say of a configuration; they are not imported here."""
    if type(error).__module__.partition(".")[0] in ("hydra", "omegaconf"):
        lines = [str(error).strip(), str(error.__cause__ or "").strip()]
        return "configuration: " + "\n".join(line for line in dict.fromkeys(lines) if line)
    return None


_MEANINGS: tuple[Callable[[BaseException], str | None], ...] = (
    _user, _lock, _memory, _system, _database, _text, _table, _worker, _damaged, _nobody, _package, _option,
)  # fmt: skip


def _in_shared_memory(error: BaseException) -> bool:  # the system does not name a lock or a queue between processes
    return any(
        Path(at.f_code.co_filename).parent.name == "multiprocessing"
        for at, _ in [*traceback.walk_tb(error.__traceback__)][-1:]
    )


def _known(path: str) -> str:
    """``path``, or the folder around what is written aside, whose name is gone by now and nobody knows."""
    return next(
        (str(folder.parent) for folder in (Path(path), *Path(path).parents) if folder.name.endswith(ASIDE_SUFFIX)), path
    )
