"""Look for what is wrong with the prepared photos: python pipelines/audit.py data=critters."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from _app import CHECKOUT, app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import AuditConfig


def work(config: AuditConfig, paths: StagePaths) -> None:
    from warmstart.audit.write_audit import write_audit

    # By hand too, the page belongs to the dataset: it is a view of what was prepared.
    out = paths.dataset / "audit"
    report = write_audit(paths.dataset / "scan", paths.images, out, dataset=config.data.name)
    page = (out / "index.html").relative_to(CHECKOUT)
    logging.getLogger("warmstart").info("%s; open %s", report.verdict, page)


if __name__ == "__main__":
    app("audit", work)
