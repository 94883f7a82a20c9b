"""The photos to label as one HTML page with small pictures, the first first, that needs nothing beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warmstart.active_learning.curve_chart import labelling_chart
from warmstart.active_learning.messages import (
    UNLIKE,
    UNSURE,
    enough_sentence,
    how_sentence,
    left_out_sentence,
    point_sentence,
    verdict_sentence,
)
from warmstart.drawing.chart import figure_png
from warmstart.drawing.data_uri import png_uri
from warmstart.drawing.html import templates
from warmstart.records.suggestion import SuggestedPhoto, Suggestion
from warmstart.serving.gallery_page import common_folder, small_picture
from warmstart.text.printable import in_one_line
from warmstart.text.quantities import count, percent, plural

MAX_SHOWN = 300  # photos: some 2 MB of page
MAX_UNREADABLE = 50  # names


@dataclass(frozen=True)
class ShownSuggestion:
    """picture: a data address; None where the file has gone meanwhile. path, name: whole, and below the folder."""

    rank: int
    picture: str | None
    path: str
    name: str
    predicted: str
    probability: float
    why: str
    unsure: bool
    nearest: str
    distance: float


def render_suggestions(
    found: Suggestion, photos: Sequence[SuggestedPhoto], unreadable: Sequence[tuple[Path, str]]
) -> str:
    """The page as HTML, with the evidence for the rule below the photos. Text from files is escaped, and there are no
    scripts.
    """
    shown = photos[:MAX_SHOWN]
    folder = common_folder([one.path for one in shown])
    environment = templates(Path(__file__).parent)
    environment.filters |= {"count": count, "percent": percent, "plural": plural}
    evidence = found.evidence
    charts = {
        narrow: png_uri(figure_png(labelling_chart(evidence, narrow=narrow))) for narrow in (False, True) if evidence
    }
    return environment.get_template("suggestions.html.jinja").render(
        found=found,
        photos=[_show(one, folder) for one in shown],
        folder=in_one_line(folder) if folder else "",
        unsure=sum(UNSURE in one.why for one in photos),
        unlike=sum(UNLIKE in one.why for one in photos),
        left_out=left_out_sentence(found),
        verdict=verdict_sentence(evidence) if evidence else "",
        details=[point_sentence(evidence), enough_sentence(evidence), how_sentence(evidence)] if evidence else [],
        wide=charts.get(False),
        narrow=charts.get(True),
        unreadable=[(in_one_line(path), in_one_line(reason)) for path, reason in unreadable],
        max_unreadable=MAX_UNREADABLE,
    )


def _show(photo: SuggestedPhoto, folder: str) -> ShownSuggestion:
    return ShownSuggestion(
        photo.rank,
        small_picture(Path(photo.path)),
        in_one_line(photo.path),
        in_one_line(os.path.relpath(photo.path, folder) if folder else photo.path),
        in_one_line(photo.predicted),
        photo.probability,
        photo.why,
        UNSURE in photo.why,
        in_one_line(photo.nearest),
        photo.distance,
    )
