"""A published model served over HTTP by MLflow's own command, as docs/serving.md prints it, and asked as it prints."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photos import noise
from serving.documented import blocks
from warmstart.serving.predict_files import predict_files

PORT = "5001"  # of the page; the test takes a free one
STARTS = 180  # seconds that a machine with much else to do may need


@contextmanager
def shell(script: str, folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    log = (folder / "server.log").open("a+")
    process = subprocess.Popen(
        ["bash", "-c", script.replace(PORT, str(port))],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=60)
        log.close()


def post(port: int, body: Any, kind: str = "application/json") -> tuple[int, str]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", data, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_for(port: int, server: subprocess.Popen[str], log: Path) -> None:
    end = time.monotonic() + STARTS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5)
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(log.read_text())


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_served_model_answers_as_predict_does(published: Path, packaged: Path, tmp_path: Path) -> None:
    photo, port = published / "photo.jpg", free_port()
    noise(3).resize((499, 375)).save(photo)
    predict_files(packaged, [photo], output=tmp_path / "answers.json")
    (expected,) = json.loads((tmp_path / "answers.json").read_text())
    serve, ask = blocks("serving.md", "bash")
    with shell(serve, published, port) as server:
        wait_for(port, server, published / "server.log")
        with shell(ask, published, port) as curl:
            (answer,) = json.loads(curl.communicate(timeout=60)[0])["predictions"]
        assert answer["class"] == expected["predicted"]
        assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-6)
        assert answer["probability"] == answer["probabilities"][answer["class"]]
        assert answer["unsure"] is expected["unsure"]

        data = photo.read_bytes()
        text = base64.b64encode(data).decode()
        pixels = np.asarray(Image.open(io.BytesIO(data)).resize((20, 12)))
        status, said = post(port, {"inputs": [pixels.tolist(), text, pixels.tolist()]})
        several = json.loads(said)["predictions"]
        assert status == 200 and len(several) == 3 and several[0] == several[2]
        assert several[1]["probabilities"] == pytest.approx(answer["probabilities"], abs=1e-6)
        status, said = post(port, f"image\n{text}\n".encode(), "text/csv")
        assert status == 200 and json.loads(said)["predictions"][0]["class"] == answer["class"]

        marked = [[[123, 45, 67]] * 8] * 8
        for body, item in (
            ({"inputs": [text, str(photo)]}, "inputs[1]"),
            ({"inputs": [{"path": str(photo)}]}, "inputs[0]"),
            ({"inputs": (np.array(marked) / 255).tolist()}, "inputs[0]"),
            ({"inputs": marked}, "inputs[0]"),
            ({"inputs": [marked, [[[123.5, 45.5, 67.5]]]]}, "inputs[1]"),
            ({"inputs": [base64.b64encode(b"123, 45, 67").decode()]}, "inputs[0]"),
            ({"inputs": [text[: len(text) // 2]]}, "inputs[0]"),
            ({"inputs": []}, ""),
            ({"dataframe_records": [{"image": text}]}, ""),
        ):
            status, said = post(port, body)
            message = json.loads(said)["message"]
            assert status == 400 and item in message and len(message) < 300 and "\n" not in message, said
            assert "stack_trace" not in said and "123" not in said and text[:40] not in said
        status, said = post(port, data, "image/jpeg")
        assert status == 415 and "stack_trace" not in said
