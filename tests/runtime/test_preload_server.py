"""When there is a preloaded process, whom it serves, and when it ends."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import warmstart
from runtime.served import Served, exits, lines, parsed, servers
from runtime.test_preload import FORKED, served, until, wait_for  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no preloaded process")
WHO = "import os, sys\n" + FORKED + "print('who', os.getppid() if forked else 0, flush=True)\n"


# Waits until the server does nothing for a while.
LOADED = """
import os, time
def used(): return open(f"/proc/{os.getppid()}/stat").read().rpartition(")")[2].split()[11:13]
before = None
while before != (now := used()):
    before = now
    time.sleep(2)
"""


def who(said: str) -> list[int]:
    """The servers that the stages came from, 0 where they came from none."""
    assert set(exits(said)) == {0}, said
    return [int(word) for word in lines(said, "who")]


def sockets(served: Served) -> list[Path]:  # noqa: F811
    return list((served.root / "tmp").glob("warmstart-*/*"))


def test_all_stages_come_from_one(served: Served) -> None:  # noqa: F811
    first, second, third = who(served.run(*(served.stage(WHO) for _ in range(3))))
    assert first and first == second == third


def test_it_ends_with_its_dvc(served: Served) -> None:  # noqa: F811
    process = served.start(
        served.stage(WHO), served.stage("import time; print('at work', flush=True); time.sleep(1); open('done', 'w')")
    )
    until(process, "at work")
    (server,) = servers(served.root)
    process.kill()
    process.wait()
    wait_for(lambda: (served.root / "done").exists())  # a stage goes on without its DVC, as it would
    wait_for(lambda: not Path(f"/proc/{server}").exists())
    assert not list((served.root / "tmp").iterdir())


def test_it_ends_when_its_dvc_has_nothing_more(served: Served) -> None:  # noqa: F811
    (server,) = who(served.run(served.stage(WHO)))
    wait_for(lambda: not Path(f"/proc/{server}").exists())
    assert not list((served.root / "tmp").iterdir())


def test_two_at_once_have_one_each(served: Served) -> None:  # noqa: F811
    slow = served.stage(WHO + "import time; time.sleep(1)")
    said = [process.communicate()[0] for process in [served.start(slow), served.start(slow)]]
    (first,), (second,) = map(who, said)
    assert first and second and first != second


def test_only_dvc_and_warmstart_are_served(served: Served) -> None:  # noqa: F811
    for name in ("dvc.py", "other"):
        shutil.move(served.root / "bin/dvc", served.root / "bin" / name)
        command = [sys.executable, f"bin/{name}", json.dumps(served.stage(WHO))]
        done = subprocess.run(
            command, cwd=served.root, env=served.environment, capture_output=True, text=True, check=True
        )
        assert who(done.stdout) == [0]
        shutil.move(served.root / "bin" / name, served.root / "bin/dvc")
    assert not sockets(served)


@pytest.mark.parametrize("words", [["-m", "dvc"], ["-X", "utf8", "-m", "warmstart"], ["-u", "bin/warmstart"]])
def test_it_knows_them_however_they_are_called(served: Served, words: list[str]) -> None:  # noqa: F811
    for name in ("dvc", "warmstart"):
        (served.root / name).mkdir()
        (served.root / name / "__init__.py").touch()
        shutil.copy(served.root / "bin/dvc", served.root / name / "__main__.py")
        shutil.copy(served.root / "bin/dvc", served.root / "bin/warmstart")
    command = [sys.executable, *words, json.dumps(served.stage(WHO))]
    done = subprocess.run(command, cwd=served.root, env=served.environment, capture_output=True, text=True, check=True)
    assert who(done.stdout)[0] > 0


def test_what_is_no_stage_is_not_served(served: Served) -> None:  # noqa: F811
    command = served.stage(WHO)
    del command["environment"]["DVC_STAGE"]
    assert who(served.run(command, command)) == [0, 0]
    assert not sockets(served)


def test_it_can_be_turned_off(served: Served) -> None:  # noqa: F811
    assert who(served.run(served.stage(WHO, WARMSTART_PRELOAD="0"), served.stage(WHO, WARMSTART_PRELOAD="0"))) == [0, 0]
    assert not sockets(served)


def test_another_environment_has_another(served: Served) -> None:  # noqa: F811
    commands = [
        served.stage(WHO),
        served.stage(WHO, OMP_NUM_THREADS="7"),
        served.stage(WHO, ANY="x"),
        served.stage(WHO),
    ]
    first, second, third, fourth = who(served.run(*commands))
    assert first == fourth and len({first, second, third}) == 3 and 0 not in (first, second, third)


def test_other_options_of_python_have_another(served: Served) -> None:  # noqa: F811
    other = served.stage(WHO)
    other["words"].insert(1, "-O")
    first, second = who(served.run(served.stage(WHO), other))
    assert first and second and first != second


def test_packages_that_have_changed_have_another(served: Served) -> None:  # noqa: F811
    packages = served.root / "site-packages"
    (packages / "a-1.dist-info").mkdir(parents=True)
    served.environment["PYTHONPATH"] += f"{os.pathsep}{packages}"
    (served.root / "edit.py").write_text(
        "import os; os.rename('site-packages/a-1.dist-info', 'site-packages/a-2.dist-info')"
    )
    edit = {"words": [sys.executable, "edit.py"], "environment": {}}
    first, second, third = who(served.run(served.stage(WHO), served.stage(WHO), edit, served.stage(WHO)))
    assert first == second != third and third


def test_an_edit_is_seen(served: Served) -> None:  # noqa: F811
    module, code = (
        served.root / "src/warmstart/mine.py",
        WHO + "from warmstart.mine import VALUE; import warmstart; print('value', VALUE, warmstart.__version__)",
    )
    module.write_text("VALUE = 'old'\n")
    entry = served.root / "pipelines/stage.py"
    edits = [
        {"write": str(module), "text": "VALUE = 'newer'\n"},
        {"write": str(module.with_name("__init__.py")), "text": "__version__ = 'newer'\n"},
        {"write": str(entry), "text": entry.read_text() + "\nprint('entry edited')\n"},
    ]
    said = served.run(served.stage(code), *edits, served.stage(code))
    assert lines(said, "value") == [f"old {warmstart.__version__}", "newer newer"] and said.count("entry edited") == 1
    assert len(set(who(said))) == 1


@pytest.mark.parametrize("folder", ["long", "not there", "a file", "open to all", "a link"])
def test_folders_for_temporary_files(served: Served, tmp_path: Path, folder: str) -> None:  # noqa: F811
    place = tmp_path / ("x" * 120 if folder == "long" else "t")
    if folder != "not there":
        place.mkdir()
    served.environment["TMPDIR"] = str(place)
    private = place / f"warmstart-{os.getuid()}"
    if folder == "a file":
        private.write_text("")
    if folder == "open to all":
        private.mkdir()
        private.chmod(0o755)
    if folder == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        private.symlink_to(tmp_path / "elsewhere")
    first, second = who(served.run(served.stage(WHO), served.stage(WHO)))
    assert bool(first) == bool(second) == (folder == "long")


def test_what_a_killed_one_has_left(served: Served) -> None:  # noqa: F811
    """Its socket is there, and nobody listens: the next stage starts another, which removes what the dead have left."""
    kill = served.stage(WHO + "import signal; os.kill(os.getppid(), signal.SIGKILL) if forked else None; os._exit(0)")
    stale = served.root / "tmp" / f"warmstart-{os.getuid()}" / "99999999-1-abc"
    stale.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        folder = os.open(stale.parent, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{folder}/{stale.name}")
        os.close(folder)
    process = served.start(
        kill,
        served.stage(WHO),
        served.stage(WHO + "print('at work', flush=True); sys.stdin.read()"),
        stdin=subprocess.PIPE,
    )
    until(process, "at work")
    assert not stale.exists() and len(sockets(served)) == 1
    process.communicate()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_is_refused(served: Served) -> None:  # noqa: F811
    process = served.start(
        served.stage("print('at work', flush=True)\nimport sys; sys.stdin.read()"), stdin=subprocess.PIPE
    )
    until(process, "at work")
    (place,) = sockets(served)
    connect = f"import os, socket; os.setuid(65534); s = socket.socket(socket.AF_UNIX); s.settimeout(3); s.connect({place.name!r}); print(s.recv(10))"
    words = [sys.executable, "-c", connect]
    refused = subprocess.run(words, cwd=place.parent, capture_output=True, text=True, check=False)
    assert "PermissionError" in refused.stderr
    for folder in [place.parent, *place.parent.parents]:  # nothing but the check of the peer is left
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    place.chmod(0o777)
    refused = subprocess.run(words, cwd=place.parent, capture_output=True, text=True, check=False, timeout=20)
    assert refused.stdout.strip() == "b''", refused.stderr
    process.communicate()


def test_a_library_that_begins_a_thread_is_not_forked(served: Served) -> None:  # noqa: F811
    served.stub(
        "captum.attr", "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    wait = "import time; time.sleep(1)\n"
    assert who(served.run(served.stage(wait + WHO), served.stage(WHO)))[-1] == 0


@pytest.mark.parametrize(
    "error", ["ImportError('broken')", "MemoryError()", "ModuleNotFoundError('numpy', name='numpy')"]
)
def test_nothing_is_forked_with_a_part_of_a_library(served: Served, error: str) -> None:  # noqa: F811
    served.stub("yaml", f"raise {error}")
    assert who(served.run(served.stage("import time; time.sleep(2)\n" + WHO), served.stage(WHO)))[-1] == 0
    wait_for(lambda: not servers(served.root))


@pytest.mark.parametrize(
    "fault",
    [
        "raise ImportError('broken')",
        "import threading; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    ],
)
def test_a_stage_goes_on_when_a_later_library_is_at_fault(served: Served, fault: str) -> None:  # noqa: F811
    later = served.root / "later"
    wait = f"import time\nfrom pathlib import Path\nwhile not Path({str(later)!r}).exists(): time.sleep(0.02)\n"
    served.stub("yaml", "import time; time.sleep(1)")  # the first stage is forked after it
    served.stub("captum.attr", wait + fault)
    code = f"from pathlib import Path\nimport time\nPath({str(later)!r}).touch()\ntime.sleep(1)\n{WHO}"
    said = served.run(served.stage(code), served.stage(WHO))
    during, after = who(said)
    assert during > 0 and after != during
    assert exits(said) == [0, 0]
    wait_for(lambda: not servers(served.root))


def test_a_library_may_be_missing(served: Served) -> None:  # noqa: F811
    served.stub("yaml", "raise ModuleNotFoundError('yaml', name='yaml')")
    assert who(served.run(served.stage(WHO)))[0] > 0


@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_under_a_limit_of_memory_there_is_none(served: Served, limit: str) -> None:  # noqa: F811
    import resource

    def low() -> None:
        resource.setrlimit(getattr(resource, limit), (2**36, 2**37))

    assert who(served.run(served.stage(WHO), served.stage(WHO), preexec_fn=low)) == [0, 0]
    assert not sockets(served)


def test_it_ends_when_it_is_asked_to(served: Served) -> None:  # noqa: F811
    """But not before the stages have ended that it has forked."""
    code = "import os, signal, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(0.5)\n" + WHO
    first, second = who(served.run(served.stage(code), served.stage(WHO)))
    assert first and second and first != second


def test_stages_without_slow_libraries_do_not_wait(served: Served) -> None:  # noqa: F811
    loaded = served.root / "loaded"
    served.stub("yaml", f"import time; time.sleep(5); open({str(loaded)!r}, 'w').close()")
    (served.root / "pipelines/compose.py").write_text((served.root / "pipelines/stage.py").read_text())
    light = served.stage(WHO)
    light["words"][1] = "pipelines/compose.py"
    assert who(served.run(light, light)) == [0, 0]
    assert not loaded.exists()
    assert who(served.run(light, served.stage(WHO)))[1] > 0


def test_real_libraries(tmp_path: Path) -> None:
    """They are all there, nothing is begun that a fork could not have, and what is drawn by chance is another number in
    each fork.
    """
    code = (
        """
import json, os, random, sys, threading, uuid, tempfile
from pathlib import Path
"""
        + FORKED
        + """
from warmstart.runtime.preload_loader import LIBRARIES
missing = [name for name in LIBRARIES if name not in sys.modules]
import numpy, torch
parent = Path(f"/proc/{os.getppid()}/task")
print(json.dumps({
    "forked": forked, "missing": missing, "threads": [(task / "comm").read_text().strip() for task in parent.iterdir()],
    "cuda": [torch.cuda.is_initialized(), torch.cuda._is_in_bad_fork()], "own": threading.active_count(),
    "chance": [random.random(), numpy.random.rand(), torch.rand(1).item(), str(uuid.uuid4()), os.urandom(4).hex(), next(tempfile._get_candidate_names())],
    "sum": float((torch.ones(300, 300) @ torch.ones(300, 300)).sum()), "numpy": float((numpy.ones((300, 300)) @ numpy.ones((300, 300))).sum()),
}))
"""
    )
    served = Served(tmp_path, libraries=True)  # noqa: F811
    seen = parsed(served.run(served.stage(LOADED), served.stage(code), served.stage(code)))
    for one in seen:
        assert one["forked"] and not one["missing"] and one["own"] == 1 and one["cuda"] == [False, False]
        assert set(one["threads"]) <= {"python", "python3", "jemalloc_bg_thd"}, one["threads"]
        assert one["sum"] == one["numpy"] == 300.0**3
    assert all(first != second for first, second in zip(seen[0]["chance"], seen[1]["chance"], strict=True))
