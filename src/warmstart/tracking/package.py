"""The packaged model as an MLflow model named "model": a folder of plain files with a loader, no pickle."""

from __future__ import annotations

import base64
import io
import shutil
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow.entities import LoggedModel, LoggedModelOutput, Run
from mlflow.tracking.client import MlflowClient
from PIL import Image

import warmstart
from warmstart.files.digest import digest, sha256_file
from warmstart.files.plain import read_json
from warmstart.tracking.store import local_path
from warmstart.tracking.uploads import folder_files

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

_INPUT = (
    "images: each the bytes of an image file (base64 text in JSON), or pixels, whole numbers from 0 to 255 (height, width, channels) of any size; "
    "in Python also a pathlib.Path"
)
_OUTPUT = "for each image its class, the probability of that class, and the probabilities by class name"
MODEL_NAME = "model"
_TAG = "warmstart.model"
# What `warmstart.tracking.pyfunc` needs to load and run a package. Said, not inferred: MLflow's inference loads the
# model in a second process, 13 to 28 s.
_CODE = Path(warmstart.__file__).parent
# The code that answers, which travels with the model: a model that was logged with other code is logged again.
_ANSWERS = ("data", "models", "serving", "tracking/package.py", "tracking/pyfunc.py")
_REQUIREMENTS = ("mlflow", "numpy", "pillow", "pyyaml", "safetensors", "timm", "torch", "torchvision")


def put_package(client: MlflowClient, run_id: str, package_dir: Path) -> bool:
    """Log ``evaluate/package/`` as the run's model unless it has this very one, with this code; the one it replaces is removed.

    True when it was logged. ``mlflow.pyfunc.load_model(f"runs:/{run_id}/model")`` then loads it, and ``mlflow models serve`` serves it;
    both answer as ``warmstart.serving.packaged.PackagedModel`` does.
    """
    files = folder_files(package_dir)
    if "model.json" not in files:
        return False
    content = digest({"package": {name: sha256_file(path) for name, path in files.items()}, "code": _code_digest()})
    run = client.get_run(run_id)
    models = _models(client, run.info.experiment_id, run_id)
    whole = [model for model in models if (local_path(model.artifact_location) / "MLmodel").exists()]
    if run.data.tags.get(_TAG) == content and len(whole) == len(models) == 1:
        return False
    for model in models:
        client.delete_logged_model(model.model_id)
        shutil.rmtree(local_path(model.artifact_location).parent, ignore_errors=True)
    _log(client, run, package_dir)
    client.set_tag(run_id, _TAG, content)
    return True


def _log(client: MlflowClient, run: Run, package_dir: Path) -> None:
    # mlflow.pyfunc.log_model in its parts: as a whole it works on the process's global store and active run only, and
    # would change the status and the end of a run that has finished.
    from mlflow import pyfunc
    from mlflow.models import Model

    classes = [str(name) for name in read_json(package_dir / "model.json", "classes")["classes"]]
    run_id = run.info.run_id
    model = client.create_logged_model(run.info.experiment_id, MODEL_NAME, run_id, params=run.data.params)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/{MODEL_NAME}"
            pyfunc.save_model(
                path,
                loader_module="warmstart.tracking.pyfunc",
                data_path=str(package_dir),
                code_paths=[str(_CODE)],
                pip_requirements=_requirements(),
                signature=_signature(classes),
                input_example=[base64.b64encode(_example()).decode()],
                metadata={"input": _INPUT, "output": _OUTPUT},
                mlflow_model=Model(
                    artifact_path=model.artifact_location,
                    run_id=run_id,
                    model_uuid=model.model_id,
                    model_id=model.model_id,
                ),
            )
            client.log_model_artifacts(model.model_id, path)
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
        client.finalize_logged_model(model.model_id, "READY")
    except BaseException:
        client.delete_logged_model(model.model_id)
        raise


def _signature(classes: list[str]) -> ModelSignature:
    """One image file a row, in; class, probability and the probability of every class, out."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, DataType, Object, Property, Schema

    shares = Object([Property(name, DataType.double) for name in classes])
    outputs = [
        ColSpec(DataType.string, "class"),
        ColSpec(DataType.double, "probability"),
        ColSpec(shares, "probabilities"),
    ]
    signature = ModelSignature(Schema([ColSpec(DataType.binary)]), Schema(outputs))
    # As for a model whose `predict` has type hints, which checks what it is given itself. MLflow would cast what does not fit (0.7 to 0,
    # which is another picture), and repeat all that was sent in its message.
    signature._is_signature_from_type_hint = True
    return signature


def _example() -> bytes:
    """A small image file: a PNG, 8 × 8 pixels, from black to white."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((8, 8)).save(file, "PNG")
    return file.getvalue()


def _code_digest() -> str:
    places = [_CODE / name for name in _ANSWERS]
    files = sorted(file for place in places for file in ([place] if place.is_file() else place.rglob("*.py")))
    return digest({file.relative_to(_CODE).as_posix(): sha256_file(file) for file in files})


def _models(client: MlflowClient, experiment_id: str, run_id: str) -> list[LoggedModel]:
    return list(client.search_logged_models([experiment_id], f"source_run_id = '{run_id}'"))


def _requirements() -> list[str]:
    found = []
    for name in _REQUIREMENTS:
        try:
            found.append(f"{name}=={version(name).partition('+')[0]}")  # local builds (+cpu) are not on the index
        except PackageNotFoundError:
            continue
    return found
