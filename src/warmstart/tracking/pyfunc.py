"""The loader that MLflow calls for a packaged model, and what its server answers where a request cannot be served."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import BAD_REQUEST, INTERNAL_ERROR

from warmstart.errors import UserError
from warmstart.serving.packaged import PackagedModel

_log = logging.getLogger(__name__)


class Refusal(MlflowException):  # type: ignore[misc]
    """An answer of one line. MLflow's server puts all that was sent before the message of an exception, and a stack trace behind what is
    no exception of its own: neither is for the client, so this message stays what it was first.
    """

    def __init__(self, message: str, error_code: int) -> None:
        self._message = message
        super().__init__(message, error_code=error_code)

    @property
    def message(self) -> str:
        return self._message

    @message.setter
    def message(self, message: str) -> None:
        """Left as it is."""


class ServedModel:
    """A packaged model behind MLflow's ``predict``."""

    def __init__(self, model: PackagedModel) -> None:
        self.model = model

    def predict(self, images: Any, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Answer as ``PackagedModel.predict`` does. ``params`` is MLflow's, and not used.

        Raises Refusal: with the status 400 and the image at fault, or with 500 and the error's kind, the rest of which is logged.
        """
        try:
            return self.model.predict(images)
        except UserError as error:
            raise Refusal(str(error), BAD_REQUEST) from None
        except Exception as error:
            _log.exception("a request could not be answered")
            raise Refusal(
                f"the model failed ({type(error).__name__}); the server's log says more", INTERNAL_ERROR
            ) from None


def _load_pyfunc(path: str) -> ServedModel:
    return ServedModel(PackagedModel.load(Path(path)))
