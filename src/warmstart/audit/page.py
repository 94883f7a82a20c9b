"""The audit's page: one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from warmstart.audit.findings import Findings
from warmstart.audit.shortcuts import CALLED
from warmstart.drawing.html import templates

LISTED = 20  # cases of a finding; all are in audit.json
CLASSES = 20  # contact sheets on the page; all are in the folder


def render_page(findings: Findings, pictures: Mapping[str, str], contacts: Mapping[str, str]) -> str:
    """The page as HTML: what comes from files is escaped, pictures are inside, and there are no scripts.

    pictures: data: addresses by the finding's key, ``balance`` and ``distributions``. contacts: by class.
    """
    names = list(contacts)[:CLASSES]
    sections = (("stop", "To solve before you train"), ("look", "To look at"), ("fine", "For information"))
    return (
        templates(Path(__file__).parent)
        .get_template("page.html.jinja")
        .render(
            f=findings,
            sections=[(severity, title, findings.of(severity)) for severity, title in sections],
            pictures=pictures,
            contacts={name: contacts[name] for name in names},
            more_contacts=len(contacts) - len(names),
            listed=LISTED,
            called=CALLED,
        )
    )
