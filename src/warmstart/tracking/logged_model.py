"""The packaged model as an MLflow model named "model": a folder of plain files with a loader, no pickle."""

from __future__ import annotations

import base64
import io
import shutil
import tempfile
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow.entities import LoggedModel, LoggedModelOutput, Run
from mlflow.tracking.client import MlflowClient
from PIL import Image

import warmstart
from warmstart.files.digest import digest, sha256_file
from warmstart.records.packaged_model import PackagedModel
from warmstart.tracking import messages
from warmstart.tracking.run_logger import folder_files
from warmstart.tracking.store import local_path

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

MODEL_NAME = "model"
_DIGEST_TAG = "warmstart.model"
_PACKAGE = Path(warmstart.__file__).parent
# The code that predicts, which travels with the model: a model that was logged with other code is logged again.
PREDICTION_CODE = (
    *("dataset", "decoding", "ingest/sources/walk.py", "models", "serving"),
    *("records/unsure.py", "tracking/logged_model.py", "tracking/pyfunc.py"),
)
# What `warmstart.tracking.pyfunc` imports. MLflow's own inference loads the model in a second process, 13 to 28 s.
_REQUIREMENTS = ("mlflow", "numpy", "pillow", "pyyaml", "safetensors", "timm", "torch", "torchvision")


def log_package(client: MlflowClient, run_id: str, package_dir: Path) -> bool:
    """Log ``evaluate/package/`` as the run's model, replacing an older one; False where the run has it, with this code.

    ``mlflow.pyfunc.load_model(f"runs:/{run_id}/model")`` and ``mlflow models serve`` predict as
    ``warmstart.serving.packaged.PackagedModel`` does.
    """
    files = folder_files(package_dir)
    if "model.json" not in files:
        return False
    content = digest({"package": {name: sha256_file(path) for name, path in files.items()}, "code": _code_digest()})
    run = client.get_run(run_id)
    models: list[LoggedModel] = client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run_id}'")
    complete = all((local_path(model.artifact_location) / "MLmodel").exists() for model in models)
    if run.data.tags.get(_DIGEST_TAG) == content and len(models) == 1 and complete:
        return False
    for model in models:
        client.delete_logged_model(model.model_id)
        shutil.rmtree(local_path(model.artifact_location).parent, ignore_errors=True)
    _log(client, run, package_dir)
    client.set_tag(run_id, _DIGEST_TAG, content)
    return True


def _log(client: MlflowClient, run: Run, package_dir: Path) -> None:
    # The parts of mlflow.pyfunc.log_model. As a whole it works on the process's global store and active run only, and
    # would change the status and the end of a run that has finished.
    from mlflow import pyfunc
    from mlflow.models import Model

    package = PackagedModel.read(package_dir / "model.json")
    run_id = run.info.run_id
    model = client.create_logged_model(run.info.experiment_id, MODEL_NAME, run_id, params=run.data.params)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/{MODEL_NAME}"
            pyfunc.save_model(
                path,
                loader_module="warmstart.tracking.pyfunc",
                data_path=str(package_dir),
                code_paths=[str(_PACKAGE)],
                pip_requirements=_requirements(),
                signature=_signature(package),
                input_example=[base64.b64encode(_example()).decode()],
                metadata={"input": messages.MODEL_INPUT, "output": messages.MODEL_OUTPUT},
                mlflow_model=Model(model.artifact_location, run_id, model_uuid=model.model_id, model_id=model.model_id),
            )
            client.log_model_artifacts(model.model_id, path)
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
        client.finalize_logged_model(model.model_id, "READY")
    except BaseException:
        client.delete_logged_model(model.model_id)
        raise


def _signature(package: PackagedModel) -> ModelSignature:
    """One image file a row, in; class, probability, the probability of every class, and whether the package marks it as
    unsure where it has a limit for that, out.
    """
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, DataType, Object, Property, Schema

    outputs = [
        ColSpec(DataType.string, "class"),
        ColSpec(DataType.double, "probability"),
        ColSpec(Object([Property(name, DataType.double) for name in package.classes]), "probabilities"),
    ]
    if package.unsure and package.unsure.limit is not None:
        outputs.append(ColSpec(DataType.boolean, "unsure"))
    signature = ModelSignature(Schema([ColSpec(DataType.binary)]), Schema(outputs))
    # As for a model whose `predict` has type hints and checks its input itself. MLflow would cast what does not fit
    # (0.7 to 0, which is another picture), and repeat the whole request in its message.
    signature._is_signature_from_type_hint = True
    return signature


def _example() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((8, 8)).save(file, "PNG")
    return file.getvalue()


def _code_digest() -> str:
    paths = [_PACKAGE / name for name in PREDICTION_CODE]
    files = sorted(file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py")))
    return digest({file.relative_to(_PACKAGE).as_posix(): sha256_file(file) for file in files})


def _requirements() -> list[str]:
    found = []
    for name in _REQUIREMENTS:
        with suppress(PackageNotFoundError):
            found.append(f"{name}=={version(name).partition('+')[0]}")  # local builds (+cpu) are not on the index
    return found
