"""Fetching a published file once: resumable by starting over, checked by size and sha256, never half there."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from warmstart.errors import UserError
from warmstart.files import sha256_file

log = logging.getLogger(__name__)
BLOCK = 1 << 20


def cache_folder() -> Path:
    """Where downloads are kept: ``WARMSTART_CACHE``, else ``~/.cache/warmstart``."""
    return Path(os.environ.get("WARMSTART_CACHE", "~/.cache/warmstart")).expanduser()


def fetch(url: str, *, sha256: str, size: int, instead: str, folder: Path | None = None) -> Path:
    """Return the local copy of ``url``, downloading it when it is not there yet.

    sha256: 64 hex digits; size: bytes. instead: what a person without a network can do, for the message.
    Raises UserError when the file cannot be had, or is not the one that was published.
    """
    folder = folder or cache_folder()
    target = folder / url.rsplit("/", 1)[-1]
    if target.exists() and target.stat().st_size == size and sha256_file(target) == sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < 2 * size:
        raise UserError(f"{folder} has too little free space for {url} ({size / 1e6:.0f} MB); WARMSTART_CACHE chooses another folder")
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        log.info("fetching %s (%.0f MB) into %s", url, size / 1e6, folder)
        found_sha256, found_size = _stream(url, aside)
        if (found_sha256, found_size) != (sha256, size):
            raise UserError(
                f"{url} gave {found_size} bytes with sha256 {found_sha256}, but {size} bytes with {sha256} were published; {instead}"
            )
        os.replace(aside, target)
    except (urllib.error.URLError, OSError, TimeoutError) as error:
        raise UserError(f"{url} cannot be fetched ({getattr(error, 'reason', error)}); {instead}") from None
    finally:
        aside.unlink(missing_ok=True)
    return target


def _stream(url: str, path: Path) -> tuple[str, int]:
    hasher, done, told = hashlib.sha256(), 0, 0
    with urllib.request.urlopen(url, timeout=30) as response, path.open("wb") as out:
        while block := response.read(BLOCK):
            out.write(block)
            hasher.update(block)
            done += len(block)
            if done - told >= 100 * BLOCK:
                log.info("… %d MB", done >> 20)
                told = done
    return hasher.hexdigest(), done
