"""The packaged model as an MLflow model named "model": a folder of plain files with a loader, no pickle."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mlflow.entities import LoggedModel, LoggedModelOutput, Run
from mlflow.tracking.client import MlflowClient

import warmstart
from warmstart.files import digest, read_json, sha256_file
from warmstart.tracking.store import local_path
from warmstart.tracking.uploads import folder_files

MODEL_NAME = "model"
_TAG = "warmstart.model"
# What `warmstart.serving.pyfunc` needs to load and run a package. Said, not inferred: MLflow's inference loads the
# model in a second process, 13 to 28 s.
_REQUIREMENTS = ("mlflow", "numpy", "pillow", "pyyaml", "safetensors", "timm", "torch", "torchvision")


def put_package(client: MlflowClient, run_id: str, package_dir: Path) -> bool:
    """Log ``evaluate/package/`` as the run's model unless it has this very one; the one it replaces is removed.

    True when it was logged. ``mlflow.pyfunc.load_model(f"runs:/{run_id}/model")`` then loads it.
    """
    files = folder_files(package_dir)
    if "model.json" not in files:
        return False
    content = digest({name: sha256_file(path) for name, path in files.items()})
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
    import numpy as np
    from mlflow import pyfunc
    from mlflow.models import Model, ModelSignature
    from mlflow.types import Schema, TensorSpec

    spec = read_json(package_dir / "model.json")
    classes = len(spec["classes"]) if isinstance(spec.get("classes"), list) else -1
    signature = ModelSignature(
        inputs=Schema([TensorSpec(np.dtype("uint8"), (-1, -1, -1, -1))]),
        outputs=Schema([TensorSpec(np.dtype("float32"), (-1, classes))]),
    )
    run_id = run.info.run_id
    model = client.create_logged_model(run.info.experiment_id, MODEL_NAME, run_id, params=run.data.params)
    try:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            path = f"{folder}/{MODEL_NAME}"
            warnings.filterwarnings("ignore", ".*An input example was not provided", UserWarning)
            pyfunc.save_model(
                path,
                loader_module="warmstart.serving.pyfunc",
                data_path=str(package_dir),
                code_paths=[str(Path(warmstart.__file__).parent)],
                pip_requirements=_requirements(),
                signature=signature,
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
