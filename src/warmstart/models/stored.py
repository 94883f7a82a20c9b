"""Reading weights and models from files that may be foreign: no code in them is run, and every shape is checked."""

from __future__ import annotations

import math
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError, first_line
from warmstart.files.reading import damage
from warmstart.models.build import NetworkSpec, OwnNetworkSpec, build_network, spec_from_dict
from warmstart.models.image_model import ImageModel
from warmstart.models.logits import n_logits

FOREIGN = (
    "it holds more than tensors and plain data, and loading that could run somebody's code, so it is not loaded: from "
    "whoever made it, get the weights alone, as .safetensors or saved by `torch.save(model.state_dict(), FILE)`"
)


def load_file(path: Path) -> Any:
    """The content of a .safetensors file, or of tensors and plain data that ``torch.save`` wrote.

    Raises UserError, which names the file and the reason. No code in the file is run.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder: name the file of weights in it")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UserError(f"{path} cannot be read as weights: {_why(path, error)}") from None


def _why(path: Path, error: Exception) -> str:
    # Not PyTorch's message, which advises to load what could run code.
    if not path.stat().st_size:
        return "it is empty"
    if isinstance(error, pickle.UnpicklingError) and "Weights only load failed" in str(error) and _is_archive(path):
        return FOREIGN
    if isinstance(error, pickle.UnpicklingError) and "Unsupported global" in str(error):
        return FOREIGN
    kind = "" if "weights_only" in first_line(error) else f" ({type(error).__name__})"
    return f"it is damaged, cut short, or a file of another kind{kind}"


def _is_archive(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def restore(
    path: Path, described: Mapping[str, Any], state: Mapping[str, torch.Tensor], weights: Path | None = None
) -> ImageModel:
    """The model that ``described``, from ``ImageModel.to_dict``, stands for, with these weights, in evaluation mode.

    path, weights: for messages, the files of the description and of the weights. The shapes of the weights are compared
    with those of the network before it takes any memory. Raises UserError.
    """
    _check(described)
    expected = _shapes(spec_from_dict(described["network"]))
    found = {key: tuple(value.shape) for key, value in state.items()} if isinstance(state, Mapping) else {}
    differing = [key for key in {**expected, **found} if expected.get(key) != found.get(key)]
    if differing:
        key, none = differing[0], "none"
        why = f"{len(differing)} tensors differ, such as {key}: {found.get(key, none)} for {expected.get(key, none)}"
        raise damage(weights or path, why, "of the network that is described")
    model = ImageModel.from_dict(described)
    model.network.load_state_dict(state)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model.eval()


def _shapes(spec: NetworkSpec) -> dict[str, tuple[int, ...]]:
    """The shapes of a network's tensors by name. It is built without a draw of random numbers and without memory, but
    for classes that are not Warmstart's: these may need real tensors.
    """
    device = "cpu" if isinstance(spec, OwnNetworkSpec) else "meta"
    with torch.random.fork_rng(devices=[]), torch.device(device):
        return {key: tuple(value.shape) for key, value in build_network(spec).state_dict().items()}


def _check(described: Mapping[str, Any]) -> None:
    """Refuse (ValueError, UserError) a description that ``ImageModel.to_dict`` cannot return."""
    classes, threshold = described["classes"], described["threshold"]
    spec = spec_from_dict(described["network"])
    if not (isinstance(classes, list) and len(classes) > 1 and all(isinstance(name, str) for name in classes)):
        raise ValueError("classes are two or more names")
    if len(set(classes)) != len(classes):
        raise ValueError("two classes have the same name")
    if spec.outputs != n_logits(len(classes)):
        raise ValueError(f"a network of {spec.outputs} outputs for {len(classes)} classes")
    given = described["preprocessing"]
    if not isinstance(given["size"], int) or not isinstance(given["channels"], int):
        raise ValueError("size and channels are whole numbers")
    preprocessing = Preprocessing.from_dict(given)
    if (spec.size, spec.channels) != (preprocessing.size, preprocessing.channels):
        raise ValueError("the network takes other images than the preprocessing makes")
    for numbers in (preprocessing.mean, preprocessing.std):
        if len(numbers) != preprocessing.channels or not all(_is_number(value) for value in numbers):
            raise ValueError("mean and std are a number for each channel")
    if not all(value > 0 for value in preprocessing.std):
        raise ValueError("std is above 0")
    if not (_is_number(described["temperature"]) and described["temperature"] > 0):
        raise ValueError("temperature is a number above 0")
    if threshold is not None and not (_is_number(threshold) and 0 <= threshold <= 1 and len(classes) == 2):
        raise ValueError("threshold is from 0 to 1, and of two classes only")
    if not isinstance(described["meta"], dict):
        raise ValueError("meta is an object")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
