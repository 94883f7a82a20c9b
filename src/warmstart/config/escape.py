"""Text that OmegaConf and Hydra read back as it is: ``${`` in a folder's name is no reference, and a quote ends no
word.
"""

from __future__ import annotations

import re
from typing import Any

# A backslash counts only in front of what it could escape; there it is doubled.
REFERENCE = re.compile(r"(\\*)\$\{")
BEFORE_DOUBLE = re.compile(r'\\+(?="|\Z)')
BEFORE_QUOTE = re.compile(r"\\+(?='|\Z)")


def escape(text: str) -> str:
    """The text as a value of a file or node of OmegaConf (2.3), which resolves to ``text`` again."""
    return REFERENCE.sub(lambda found: found[1] * 2 + r"\${", text)


def unescape(text: str) -> str:
    """What ``escape`` was given; of other text, what it resolves to where it holds no reference."""
    return REFERENCE.sub(lambda found: found[1][: len(found[1]) // 2] + "${", text)


def escape_all(value: Any) -> Any:
    """Plain data, resolved already, with every text in it escaped, so that reading it again resolves nothing."""
    if isinstance(value, dict):
        return {key: escape_all(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [escape_all(item) for item in value]
    return escape(value) if isinstance(value, str) else value


def quoted(text: str) -> str:
    """The text as one word of Hydra's command line (1.3), in single quotes. References in it stay references."""
    return "'" + BEFORE_QUOTE.sub(lambda found: found[0] * 2, text).replace("'", "\\'") + "'"


def double_quoted(text: str) -> str:
    """The same in double quotes, for a word that a shell takes in single ones."""
    return '"' + BEFORE_DOUBLE.sub(lambda found: found[0] * 2, text).replace('"', '\\"') + '"'
