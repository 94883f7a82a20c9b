"""The packaged model in MLflow: loads through pyfunc, holds no pickle, is logged when it or its code has changed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from photos import encoded_photo
from support import CHECKOUT, python
from warmstart.serving.package import load_package, save_package
from warmstart.serving.packaged import PackagedModel
from warmstart.tracking import logged_model as module
from warmstart.tracking.publish import publish
from warmstart.tracking.store import open_store


@pytest.fixture
def recipe(checkout: Any, packaged: Path) -> Any:
    """A finished run whose package is a real one."""
    run = checkout.recipe("scratch", epochs=2)
    checkout.package = run.evaluate / "package"
    shutil.copytree(packaged, checkout.package)
    return checkout


def test_the_model_loads_and_follows_the_package(recipe: Any, dump: Any) -> None:
    import mlflow

    def put() -> Any:
        return publish(recipe.root, "critters", recipe.folder)

    report = put()
    run_id = report.runs["recipes/scratch/model"]
    assert report.models == ["recipes/scratch/model"]
    before = dump(recipe.root)
    assert before[run_id]["times"][1] == 1_700_000_020_000
    assert put().models == []
    assert dump(recipe.root) == before

    client = open_store(recipe.root)
    (first,) = client.search_logged_models(["1"])
    files = {path.name for path in Path(first.artifact_location).rglob("*") if path.is_file()}
    assert {
        "MLmodel",
        "model.safetensors",
        "model.json",
        "pyfunc.py",
        "requirements.txt",
        "serving_input_example.json",
    } <= files
    assert not [name for name in files if name.endswith((".pkl", ".pickle", ".pyc", ".pth"))]

    outside = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(client.tracking_uri)
    photo = encoded_photo(1)
    try:
        answer = mlflow.pyfunc.load_model(f"runs:/{run_id}/model").predict([photo])
        assert answer == PackagedModel.load(recipe.package).predict([photo])
        changed = load_package(recipe.package)
        changed.temperature *= 10
        save_package(changed, recipe.package)
        assert put().models == ["recipes/scratch/model"]
        other = mlflow.pyfunc.load_model(f"runs:/{run_id}/model").predict([photo])
        assert other == PackagedModel.load(recipe.package).predict([photo]) != answer
    finally:
        mlflow.set_tracking_uri(outside)
    (second,) = client.search_logged_models(["1"])
    assert second.model_id != first.model_id
    assert not Path(first.artifact_location).exists()


def test_a_model_that_would_be_answered_by_other_code_is_logged_again(
    recipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all((CHECKOUT / "src/warmstart" / name).exists() for name in module.PREDICTION_CODE)
    assert publish(recipe.root, "critters", recipe.folder).models
    monkeypatch.setattr(module, "PREDICTION_CODE", (*module.PREDICTION_CODE, "__init__.py"))
    assert publish(recipe.root, "critters", recipe.folder).models == ["recipes/scratch/model"]
    assert publish(recipe.root, "critters", recipe.folder).models == []


def test_a_logged_model_needs_what_it_says_it_needs_and_no_more(packaged: Path) -> None:
    absent = (
        "albumentations",
        "captum",
        "cleanlab",
        "dvc",
        "hydra",
        "imagehash",
        "omegaconf",
        "pytorch_lightning",
        "torchmetrics",
    )
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({absent!r}))\n"
        "from warmstart.tracking.pyfunc import _load_pyfunc\n"
        "from pathlib import Path\n"
        "print(_load_pyfunc(sys.argv[1]).predict([Path(sys.argv[2]).read_bytes()])[0]['class'])"
    )
    photo = packaged.parent / "photo.jpg"
    photo.write_bytes(encoded_photo(1))
    done = python("-c", code, str(packaged), str(photo), PYTHONPATH=str(CHECKOUT / "src"))
    assert done.stdout.strip() in ("cat", "dog"), done.stderr
