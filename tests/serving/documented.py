"""The code blocks of a page, as printed."""

from __future__ import annotations

import re

from support import CHECKOUT


def blocks(page: str, language: str) -> list[str]:
    """The blocks of ``docs/<page>`` in one language, in order."""
    return re.findall(
        rf"^```{language}\n(.*?)^```", (CHECKOUT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
