"""The packaged model in MLflow: loads through pyfunc, holds no pickle, is logged only when it has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from warmstart.tracking.publish import publish
from warmstart.tracking.store import open_store


class Package:
    """A stand-in for `warmstart.models.package`: probabilities from the mean brightness, scaled as model.json says."""

    def __init__(self, folder: Path) -> None:
        self.scale = json.loads((folder / "model.json").read_text())["scale"]

    def predict_proba(self, images: Any) -> Any:
        p = images.float().mean(dim=(1, 2, 3)) / 255 * self.scale
        return p.new_tensor([[1 - value, value] for value in p.tolist()])


@pytest.fixture
def packaged(checkout: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("torch")
    import warmstart.models.package as module

    monkeypatch.setattr(module, "load_package", Package)
    run = checkout.recipe("scratch", epochs=2)
    checkout.package = run.evaluate / "package"
    checkout.package.mkdir()
    (checkout.package / "model.json").write_text(json.dumps({"classes": ["cat", "dog"], "scale": 1.0}))
    (checkout.package / "model.safetensors").write_bytes(b"weights")
    return checkout


def test_the_packaged_model_loads_and_follows_the_package(packaged: Any, dump: Any) -> None:
    import mlflow

    def put() -> Any:
        return publish(packaged.root, "critters", packaged.folder)

    report = put()
    run_id = report.runs["recipes/scratch/model"]
    assert report.models == ["recipes/scratch/model"]
    before = dump(packaged.root)
    assert before[run_id]["times"][1] == 1_700_000_020_000
    assert put().models == []
    assert dump(packaged.root) == before

    client = open_store(packaged.root)
    (first,) = client.search_logged_models(["1"])
    files = {path.name for path in Path(first.artifact_location).rglob("*") if path.is_file()}
    assert {"MLmodel", "model.safetensors", "model.json", "pyfunc.py", "requirements.txt"} <= files
    assert not [name for name in files if name.endswith((".pkl", ".pickle", ".pyc", ".pth"))]

    outside = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(client.tracking_uri)
    try:
        images = np.zeros((3, 8, 8, 3), np.uint8)
        images[1] = 255
        answer = mlflow.pyfunc.load_model(f"runs:/{run_id}/model").predict(images)
        assert answer.dtype == np.float32
        assert answer.tolist() == [[1, 0], [0, 1], [1, 0]]
        with pytest.raises(Exception, match="uint8"):
            mlflow.pyfunc.load_model(f"runs:/{run_id}/model").predict(images.astype(np.float32))

        (packaged.package / "model.json").write_text(json.dumps({"classes": ["cat", "dog"], "scale": 0.5}))
        assert put().models == ["recipes/scratch/model"]
        answer = mlflow.pyfunc.load_model(f"runs:/{run_id}/model").predict(images)
        assert answer[1].tolist() == [0.5, 0.5]
    finally:
        mlflow.set_tracking_uri(outside)
    (second,) = client.search_logged_models(["1"])
    assert second.model_id != first.model_id
    assert not Path(first.artifact_location).exists()
