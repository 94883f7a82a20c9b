"""Sizes of files as people read them."""

from __future__ import annotations


def format_bytes(number: float) -> str:
    """Bytes for a person: ``512 bytes``, ``20 MB``, ``5.1 GB``."""
    power = min(len(str(int(number))) - 1, 12) // 3
    value = number / 1000**power
    return f"{value:.1f}".removesuffix(".0") + (" bytes", " kB", " MB", " GB", " TB")[power]
