"""A published model loaded by MLflow: what it takes, what it refuses, and that it predicts as the command does."""

from __future__ import annotations

import base64
import io
import json
import os
import struct
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from photos import encoded_photo, noise, save_photo
from serving.documented import blocks
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.models.decision import decide
from warmstart.models.image_model import ImageModel
from warmstart.serving.package import load_package
from warmstart.serving.packaged import PackagedModel
from warmstart.serving.predict_files import predict_files

JPEG = encoded_photo(5)
PIXELS = np.asarray(noise(5))  # (40, 60, 3)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.jpg"
    path.write_bytes(JPEG)
    return path


def refusal(model: Any, given: Any) -> str:
    with pytest.raises(mlflow.MlflowException) as refused:
        model.predict(given)
    assert refused.value.get_http_status_code() == 400
    message = json.loads(refused.value.serialize_as_json())["message"]
    assert message == str(refused.value) and message.isprintable() and len(message) < 300
    return str(message)


def test_every_way_to_give_a_photo_has_the_answer_of_predict(
    pyfunc: Any, packaged: Path, photo: Path, tmp_path: Path
) -> None:
    predict_files(packaged, [photo], output=tmp_path / "answers.json")
    (expected,) = json.loads((tmp_path / "answers.json").read_text())
    text = base64.encodebytes(JPEG).decode()  # with line breaks
    given: list[Any] = [
        JPEG,
        [JPEG],
        [bytearray(JPEG)],
        [text],
        text,
        photo,
        [photo],
        (photo,),
        pd.DataFrame({"x": [JPEG]}),
        np.array([JPEG], object),
    ]
    for one in given:
        (answer,) = pyfunc.predict(one)
        assert (
            answer["class"] == expected["predicted"]
            and answer["probability"] == answer["probabilities"][answer["class"]]
        )
        assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-6)
        assert answer["unsure"] is expected["unsure"]


def test_pixels_of_any_size_are_resized_as_in_training(pyfunc: Any, packaged: Path) -> None:
    preprocessing = load_package(packaged).preprocessing
    for height, width in ((preprocessing.size, preprocessing.size), (375, 499), (31, 7), (1, 1)):
        pixels = np.asarray(noise(7).resize((width, height)))
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        as_file, as_array, as_list = pyfunc.predict([file.getvalue(), pixels, pixels.tolist()])
        assert as_file == as_array == as_list
    assert pyfunc.predict(np.stack([PIXELS, PIXELS[::-1]])) == pyfunc.predict([PIXELS, PIXELS[::-1].tolist()])


@pytest.mark.parametrize(
    "item",
    [
        PIXELS / 255,
        PIXELS.astype(np.float32),
        (PIXELS / 255).tolist(),
        PIXELS.astype(np.int64),
        PIXELS.astype(np.uint16),
        PIXELS > 100,
        PIXELS[:, :, :1],
        PIXELS[:, :, 0],
        np.dstack([PIXELS, PIXELS[:, :, :1]]),
        PIXELS.transpose(2, 0, 1),
        PIXELS[:0],
        PIXELS[None],
        [[[0, 0, 256]]],
        [[[0, 0, -1]]],
        [[[0, 0, 10**30]]],
        [[[0, 0, 0], [0, 0]]],
        [[["a", "b", "c"]]],
        [],
        b"",
        b"no image at all",
        JPEG[: len(JPEG) // 2],
        "",
        "photo.jpg",
        "/etc/hostname",
        base64.b64encode(JPEG[:300]).decode(),
        base64.b64encode(b"text").decode(),
        base64.b64encode(JPEG).decode()[:-3] + "*",
        Path("nowhere.jpg"),
        Path("/"),
        Path("/dev/null"),
        7,
        0.5,
        None,
        {"image": "x"},
        {1, 2},
    ],
    ids=lambda item: f"{type(item).__name__}-{str(item)[:12]!a}",
)
def test_whatever_is_no_image_is_refused_by_its_place(pyfunc: Any, item: Any) -> None:
    assert refusal(pyfunc, [JPEG, item, JPEG]).startswith("inputs[1]: ")


@pytest.mark.parametrize(
    "given",
    [
        None,
        7,
        {},
        {"image": [JPEG]},
        [],
        np.zeros((0, 8, 8, 3), np.uint8),
        np.uint8(3),
        pd.DataFrame({"a": [JPEG], "b": [JPEG]}),
    ],
)
def test_a_request_that_holds_no_list_of_images_is_refused(pyfunc: Any, given: Any) -> None:
    refusal(pyfunc, given)


def test_one_image_of_pixels_is_no_list_of_images(pyfunc: Any) -> None:
    assert refusal(pyfunc, PIXELS).startswith("inputs[0]: ") and refusal(pyfunc, PIXELS.tolist()).startswith(
        "inputs[0]: "
    )


def test_a_refusal_repeats_nothing_of_the_request(pyfunc: Any, tmp_path: Path) -> None:
    marked = np.full((4, 4, 3), 0.271828)
    secret = "U2VjcmV0" * 9
    for item in (marked, marked.tolist(), secret, [[secret]], secret.encode()):
        message = refusal(pyfunc, [item])
        assert "271828" not in message and secret[:8] not in message


def test_text_opens_no_file(pyfunc: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("abcd").write_bytes(JPEG)  # a name that is base64 as well
    refusal(pyfunc, ["abcd"])
    refusal(pyfunc, [str(tmp_path / "abcd")])
    assert pyfunc.predict([Path("abcd")]) == pyfunc.predict([JPEG])


@pytest.mark.parametrize(
    "error",
    [
        struct.error("x"),
        MemoryError(),
        ValueError("bad\nvalue"),
        Image.DecompressionBombError("bomb"),
        KeyError(3),
        RecursionError(),
    ],
)
def test_whatever_a_decoder_raises_is_a_refusal(pyfunc: Any, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("warmstart.dataset.preprocessing.Preprocessing.resized", fail)
    assert refusal(pyfunc, [JPEG]).startswith("inputs[0]: ") and refusal(pyfunc, [PIXELS]).startswith("inputs[0]: ")


def test_a_failure_of_the_model_is_one_line_too(pyfunc: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("internals")

    monkeypatch.setattr("warmstart.models.image_model.ImageModel.predict_proba", fail)
    with pytest.raises(mlflow.MlflowException) as failed:
        pyfunc.predict([JPEG])
    assert failed.value.get_http_status_code() == 500 and "internals" not in str(failed.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_not_opened(pyfunc: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.jpg")
    assert "pipe" in refusal(pyfunc, [tmp_path / "x.jpg"])


def test_the_class_follows_the_threshold_of_the_package(packaged: Path) -> None:
    model = PackagedModel.load(packaged)
    share = model.predict([JPEG])[0]["probabilities"]["dog"]
    for threshold in (share - 1e-3, share + 1e-3):
        model.model.threshold = threshold
        (answer,) = model.predict([JPEG])
        assert answer["class"] == ("dog" if share > threshold else "cat")
        assert answer["probability"] == answer["probabilities"][answer["class"]]


def test_grey_models_of_more_classes_take_grey_pixels_and_any_file() -> None:
    spec = {
        "kind": "convnet",
        "channels": 1,
        "size": 28,
        "outputs": 3,
        "widths": [4],
        "pooled": None,
        "dense": 8,
        "batch_norm": False,
        "dropout": 0.0,
    }
    model = PackagedModel(ImageModel.build(spec, Preprocessing(28, 1, mean=(0.0,), std=(1.0,)), ["a", "b", "c"], {}))
    grey = np.asarray(noise(1).convert("L"))[:, :, None]
    answers = model.predict([JPEG, grey, grey.tolist(), *[JPEG] * 40])
    for answer in answers:
        assert answer["class"] == max(answer["probabilities"], key=answer["probabilities"].get)
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert len(answers) == 43 and answers[1] == answers[2]
    for wrong in (PIXELS, grey[:, :, 0]):
        with pytest.raises(UserError, match=r"inputs\[0\]"):
            model.predict([wrong])


def test_a_decision_is_by_threshold_for_two_classes_and_the_most_probable_else() -> None:
    two = np.array([[0.6, 0.4], [0.4, 0.6], [0.5, 0.5]])
    assert (
        decide(two, 0.3).tolist() == [1, 1, 1]
        and decide(two, 0.7).tolist() == [0, 0, 0]
        and decide(two, None).tolist() == [0, 1, 0]
    )
    assert decide(np.array([[0.2, 0.5, 0.3]]), 0.9).tolist() == [1]


def test_the_signature_says_what_goes_in_and_out(pyfunc: Any, logged: Path, packaged: Path) -> None:
    signature = pyfunc.metadata.signature
    assert [column.type.name for column in signature.inputs] == ["binary"]
    assert signature.outputs.input_names() == ["class", "probability", "probabilities", "unsure"]
    assert [item.name for item in signature.outputs.inputs[2].type.properties] == sorted(load_package(packaged).classes)
    example = json.loads((logged / "serving_input_example.json").read_text())
    assert len(pyfunc.predict(example["inputs"])) == 1


@pytest.mark.parametrize("block", [*blocks("serving.md", "python"), *blocks("../README.md", "python")])
def test_the_programs_of_the_page_run_as_printed(
    published: Path, monkeypatch: pytest.MonkeyPatch, block: str, pyfunc: Any
) -> None:
    monkeypatch.chdir(published)
    save_photo(Path("photo.jpg"), 8)
    (expected,) = pyfunc.predict([Path("photo.jpg")])
    said, before = io.StringIO(), mlflow.get_tracking_uri()
    try:
        with redirect_stdout(said):
            exec(compile(block, "serving.md", "exec"), {})
    finally:
        mlflow.set_tracking_uri(before)
    assert expected["class"] in said.getvalue() and str(expected["probability"])[:8] in said.getvalue()


def test_several_threads_may_ask_at_once(pyfunc: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ask: Callable[[int], Any] = lambda seed: pyfunc.predict([encoded_photo(seed)])  # noqa: E731
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == [ask(seed) for seed in range(8)]
