"""What a stage's result is made with besides its configuration and what it reads: code and libraries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warmstart.config.stages import TrainConfig
from warmstart.inputs.choices import Choices, choices_of, unused
from warmstart.inputs.code import Code
from warmstart.inputs.libraries import library_versions

# Code that a stage passes on and nobody imports: MLflow loads the packaged model by the name of this module.
ALSO = {"publish": ("src/warmstart/tracking/pyfunc.py",)}


@dataclass(frozen=True)
class MadeWith:
    """code: files, by path from the checkout → digest. libraries: package → version."""

    code: dict[str, str]
    libraries: dict[str, str]


def made_with(code: Code, stage: str, choices: Choices) -> MadeWith:
    """The code that the entry point of ``stage`` reaches with these choices, and the libraries that it imports.

    Raises UserError for code that is not Python.
    """
    reached = code.reached([f"pipelines/{stage}.py", *ALSO.get(stage, ())], unused(choices))
    return MadeWith(reached, library_versions(code.libraries(reached)))


def training_made_with(root: Path, stage: str, config: TrainConfig, kept: Path) -> dict[str, str]:
    """The same of a training, in one mapping. root: the checkout. stage: train or fine_tune. kept: the file in which
    list_inputs keeps what is known of code.
    """
    made = made_with(Code(root, kept), stage, choices_of(stage, config.plain))
    return made.code | made.libraries
