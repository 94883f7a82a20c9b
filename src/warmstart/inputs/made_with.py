"""What a stage's result is made with besides its configuration and what it reads: code and libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """The code that the entry point of ``stage`` reaches with these choices, and its libraries. Raises UserError."""
    targets = (*choices.targets, *([choices.network] if choices.network else []))
    modules = [path.rpartition(".")[0] for path in targets]
    named = [file for module in modules for file in code.files_of(module)]
    reached = code.reached([f"pipelines/{stage}.py", *ALSO.get(stage, ()), *named], unused(choices))
    return MadeWith(reached, library_versions(code.libraries(reached, modules)))


def join(*several: MadeWith) -> MadeWith:
    """The code and the libraries of several stages that run in one."""
    code = {path: digest for one in several for path, digest in one.code.items()}
    libraries = {name: version for one in several for name, version in one.libraries.items()}
    return MadeWith(dict(sorted(code.items())), dict(sorted(libraries.items())))


def training_made_with(root: Path, stage: str, config: Mapping[str, Any], kept: Path) -> dict[str, str]:
    """The same of a training, as one mapping. root: the checkout. stage: train or fine_tune. config: the recipe's, as
    plain data. kept: the file in which list_inputs keeps what is known of code.
    """
    made = made_with(Code(root, kept), stage, choices_of(stage, config))
    return made.code | made.libraries
