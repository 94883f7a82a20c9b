"""The lesson's page: one HTML file that needs nothing beside it. Each section is a template in ``sections/``."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warmstart.dataset.augmentation import Augmentation
from warmstart.drawing.data_uri import file_uri
from warmstart.drawing.html import templates
from warmstart.files.plain import write_text
from warmstart.interpretation.activations.activation_sites import read_activations
from warmstart.interpretation.attribution.gradcam import log_odds
from warmstart.lesson.convolution.convolve import convolve, output_size
from warmstart.lesson.page import numbers
from warmstart.lesson.page.results import DatasetResults
from warmstart.models.backbone import Backbone
from warmstart.models.convnet import ConvNet
from warmstart.models.init import glorot_uniform_
from warmstart.models.transfer import TransferNet, pool_features
from warmstart.training.lightning_module import loss_and_correct

# The sections in the lesson's order, each with the functions whose source it shows.
SECTIONS: dict[str, tuple[Callable[..., Any], ...]] = {
    "convnet": (ConvNet.forward, glorot_uniform_),
    "convolution": (convolve,),
    "borders": (output_size,),
    "pooling": (),
    "scratch": (loss_and_correct,),
    "augmentation": (Augmentation.__call__,),
    "batch_norm": (),
    "features": (pool_features,),
    "features_augmented": (TransferNet.forward,),
    "fine_tune": (Backbone.unfreeze, Backbone.train),
    "comparison": (),
    "activations": (read_activations,),
    "kernels": (),
    "patterns": (),
    "imagenet": (),
    "maps": (log_odds,),
    "trust": (),
}
MAX_SOURCE_LINES = 16


@dataclass
class Pictures:
    """The pictures of a section. missing: the names of those that are not made yet."""

    missing: list[str] = field(default_factory=list)

    def uri(self, path: Path) -> str | None:
        """The picture as a data: address, or None where it is missing."""
        if not path.exists():
            self.missing.append(path.name)
        return file_uri(path)


def write_lesson_page(photos: DatasetResults, digits: DatasetResults | None) -> dict[str, list[str]]:
    """Write ``lesson/index.html`` of the photos' dataset; returns, by section, the pictures that are not there yet.

    digits: the results of the digits' dataset, or None where no convnet on digits has finished. What comes from files
    is escaped, pictures are inside the page, and there are no scripts.
    """
    environment = templates(Path(__file__).parent)
    environment.globals |= {"numbers": numbers, "output_size": output_size}
    sections, missing = {}, {}
    for key, functions in SECTIONS.items():
        pictures = Pictures()
        template = environment.get_template(f"sections/{key}.html.jinja")
        module = template.make_module({"photos": photos, "digits": digits, "pictures": pictures})
        sections[key] = {"module": module, "sources": [source_of(function) for function in functions]}
        if pictures.missing:
            missing[key] = pictures.missing
    page = environment.get_template("page.html.jinja").render(photos=photos, digits=digits, sections=sections)
    write_text(photos.lesson / "index.html", page)
    return missing


@dataclass(frozen=True)
class SourceLines:
    """Where some lines are in the checkout, and the lines."""

    where: str
    lines: str


def source_of(function: Callable[..., Any]) -> SourceLines:
    """The source of a function without its docstring. Raises ValueError for more than 16 lines."""
    lines, first = inspect.getsourcelines(function)
    text = textwrap.dedent("".join(lines))
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    shown = text.splitlines()
    if ast.get_docstring(node) is not None:
        docstring = node.body[0]
        shown[docstring.lineno - 1 : docstring.end_lineno] = []
    if len(shown) > MAX_SOURCE_LINES:
        raise ValueError(f"{function.__qualname__} has {len(shown)} lines; the page shows a handful")
    path = Path(inspect.getfile(function))
    place = "/".join(path.parts[path.parts.index("warmstart") :]) if "warmstart" in path.parts else path.name
    return SourceLines(f"src/{place}, line {first}", "\n".join(shown).rstrip())
