"""``warmstart ui``: MLflow's pages on the runs of this checkout."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from warmstart.cli import guard, messages
from warmstart.cli.browser import open_for_a_person
from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.dvc.commands import arguments
from warmstart.cli.user_environment import environment
from warmstart.errors import UserError
from warmstart.runtime.console import say, warn
from warmstart.runtime.interrupts import exit_status, heard, listening
from warmstart.tracking import NO_TELEMETRY
from warmstart.tracking.missing import missing
from warmstart.tracking.pages import Page, pages, write_missing_views

HOST = "127.0.0.1"
STORE = "sqlite:///mlruns/mlflow.db"  # relative: the checkout's path may have characters that URLs have not
MAX_PORTS_TRIED = 50
START_SECONDS = 120.0
# The queue of MLflow's evaluation of language models: seven processes that have nothing to do here.
NO_JOBS = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


def ui(args: Namespace) -> int:
    """Run it until the person stops it; returns the exit status of that signal. Raises UserError."""
    os.environ.update(NO_TELEMETRY)  # before MLflow is imported
    checkout = find_checkout()
    publish_missing(checkout)
    try:
        write_missing_views(checkout.root)
    except Exception as error:  # without it the pages are those of MLflow
        warn(f"the recipes have no page of their own in MLflow yet: {error}")
    port = free_port(args.port)
    if port != args.port:
        say(f"port {args.port} is taken")
    options = {"--backend-store-uri": STORE, "--host": HOST, "--port": str(port), "--workers": "1"}
    typed = ["python", "-m", "mlflow", "ui", *chain(*options.items())]
    say(f"$ MLFLOW_DISABLE_TELEMETRY=true {shlex.join(typed)}")
    log = checkout.root / "mlruns" / "ui.log"
    try:
        with listening(), guarded(arguments(typed), checkout.root, log) as process:
            _wait(process, port, str(log))
            _lead_there(f"http://{HOST}:{port}", pages(checkout.root), browser=not args.no_browser)
            process.wait()
    except KeyboardInterrupt as error:
        return exit_status(heard(error) or signal.SIGINT, "ended")
    raise UserError(f"MLflow ended by itself; what it printed is in {log}")


def _lead_there(server: str, found: Sequence[Page], *, browser: bool) -> None:
    """Say where the runs are, and open the page of the first dataset. found: empty where only the server is known."""
    address = server + (found[0].path if found else "")
    say(f"open {address} in a browser; Ctrl-C ends it")
    for page in found[1:]:
        say(f"{page.dataset}: {server}{page.path}")
    if browser:
        open_for_a_person(address)


def publish_missing(checkout: Checkout) -> None:
    """Publish the runs that MLflow lacks, as after mlruns was deleted. Raises UserError where there are none at all."""
    names, why = missing(checkout.root), "" if _store(checkout).exists() else ", as after mlruns was deleted"
    for name in names:
        say(f"MLflow lacks runs of artifacts/{name}{why}: publishing them")
        try:
            from warmstart.tracking.publish import publish

            say(f"  {publish(checkout.root, name, checkout.dataset(name))}")
        except UserError as error:
            if not _store(checkout).exists():
                raise
            warn(f"they could not be published: {error}")
    if not names and not _store(checkout).exists():
        raise UserError("there are no runs to look at yet: `warmstart run FOLDER` makes some")


def _store(checkout: Checkout) -> Path:
    return checkout.root / "mlruns" / "mlflow.db"


@contextmanager
def guarded(command: Sequence[str], folder: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server in ``folder``, its output in ``log``. It ends, with all that it starts, with the block or
    this process.
    """
    watching = [sys.executable, "-I", str(Path(guard.__file__)), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            watching,
            cwd=folder,
            env={**environment(), **NO_JOBS},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        assert process.stdin
        process.stdin.close()  # what the guard waits for; after a second interrupt it goes on by itself
        try:
            process.wait(4 * guard.PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port(first: int) -> int:
    """The first port from ``first`` on that nobody listens on. Raises UserError where there is none near."""
    for port in range(first, min(first + MAX_PORTS_TRIED, 65536)):
        with socket.socket() as probe:
            if os.name == "posix":  # elsewhere it would share a port that is taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise UserError(messages.NO_PORT.format(port=first, more=MAX_PORTS_TRIED))


def _wait(process: subprocess.Popen[bytes], port: int, log: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise UserError(f"MLflow did not start; what it printed is in {log}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if not probe.connect_ex((HOST, port)):
                return
        time.sleep(0.2)
    raise UserError(f"MLflow has not answered for {START_SECONDS:.0f} s; what it printed is in {log}")
