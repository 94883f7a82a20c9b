"""The loader that MLflow calls for a packaged model, and what its server answers to a request that cannot be served."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import BAD_REQUEST, INTERNAL_ERROR

from warmstart.errors import UserError
from warmstart.serving.packaged import ImagePrediction, PackagedModel
from warmstart.tracking import messages

_log = logging.getLogger(__name__)


class Refusal(MlflowException):  # type: ignore[misc]
    """An error whose message cannot be changed: MLflow's server would put the whole request before it."""

    def __init__(self, message: str, error_code: int) -> None:
        self._message = message
        super().__init__(message, error_code=error_code)

    @property
    def message(self) -> str:
        return self._message

    @message.setter
    def message(self, message: str) -> None:
        """Ignored."""


class ServedModel:
    """A packaged model behind MLflow's ``predict``."""

    def __init__(self, model: PackagedModel) -> None:
        self.model = model

    def predict(self, images: object, params: Mapping[str, object] | None = None) -> list[ImagePrediction]:
        """Predict as ``PackagedModel.predict`` does. ``params`` is MLflow's, and not used.

        Raises Refusal: with the status 400, naming the image at fault, or with 500 and the kind of the logged error.
        """
        try:
            return self.model.predict(images)
        except UserError as error:
            raise Refusal(str(error), BAD_REQUEST) from None
        except Exception as error:
            _log.exception("a request could not be answered")
            raise Refusal(messages.REQUEST_FAILED.format(kind=type(error).__name__), INTERNAL_ERROR) from None


def _load_pyfunc(path: str) -> ServedModel:
    return ServedModel(PackagedModel.load(Path(path)))
