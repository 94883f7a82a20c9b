"""The lesson's page: one HTML file that needs nothing beside it."""

from __future__ import annotations

from pathlib import Path

from warmstart.drawing.embed import file_uri
from warmstart.drawing.html import templates
from warmstart.files.plain import write_text
from warmstart.lesson.page.digits import digit_sections
from warmstart.lesson.page.facts import Facts
from warmstart.lesson.page.look import look_sections
from warmstart.lesson.page.photos import photo_sections
from warmstart.lesson.page.section import Section


def write_lesson_page(photos: Facts, digits: Facts | None, demos: Facts | None = None) -> dict[str, list[str]]:
    """Write ``lesson/index.html`` of the photos' dataset; returns, by section, the pictures that are not there yet.

    digits: the digits' dataset, or None where no convnet has finished there. demos: the dataset whose ``lesson/convolution``
    is shown; None: the photos'.
    """
    sections = [*digit_sections(digits, demos or photos), *photo_sections(photos), *look_sections(photos)]
    write_text(photos.lesson / "index.html", render_lesson(sections, photos, digits))
    return {
        section.key: [picture.path.name for picture in section.pictures if not picture.path.exists()]
        for section in sections
        if any(not picture.path.exists() for picture in section.pictures)
    }


def render_lesson(sections: list[Section], photos: Facts, digits: Facts | None) -> str:
    """The page as HTML: what comes from files is escaped, pictures are inside, and there are no scripts."""
    shown = {picture.path: file_uri(picture.path) for section in sections for picture in section.pictures}
    return (
        templates(Path(__file__).parent)
        .get_template("page.html.jinja")
        .render(sections=sections, shown=shown, photos=photos, digits=digits)
    )
