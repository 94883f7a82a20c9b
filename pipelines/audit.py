"""Look for what is wrong with the prepared photos: python pipelines/audit.py data=critters."""

from __future__ import annotations

import logging
from typing import Any

from _app import CHECKOUT, Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.audit.write_audit import write_audit

    # By hand too, the page belongs to the dataset: it is a view of what was prepared.
    out = place.dataset / "audit"
    report = write_audit(place.dataset / "scan", place.images, out, dataset=config["data"]["name"])
    log = logging.getLogger("warmstart")
    log.info("%s; open %s", report.verdict, (out / "index.html").relative_to(CHECKOUT))


if __name__ == "__main__":
    app("audit", work)
