"""The audit's page: one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from warmstart.audit.properties import DISPLAY_NAMES
from warmstart.drawing.html import templates
from warmstart.records.audit import AuditReport

MAX_ITEMS_SHOWN = 20  # of a finding; all are in audit.json
MAX_CONTACT_SHEETS = 20  # on the page; all are in the folder


def render_page(report: AuditReport, pictures: Mapping[str, str], contacts: Mapping[str, str]) -> str:
    """The page as HTML: what comes from files is escaped, pictures are inside, and there are no scripts.

    pictures: data: addresses by the finding's kind, ``balance`` and ``distributions``. contacts: by class.
    """
    shown = list(contacts.items())[:MAX_CONTACT_SHEETS]
    return (
        templates(Path(__file__).parent)
        .get_template("audit.html.jinja")
        .render(
            report=report,
            pictures=pictures,
            contacts=shown,
            more_contacts=len(contacts) - len(shown),
            max_items=MAX_ITEMS_SHOWN,
            display_names=DISPLAY_NAMES,
        )
    )
