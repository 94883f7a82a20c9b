"""Opening an address: https only, also after redirects. Plain http is for this machine alone."""

from __future__ import annotations

import http.client
import ipaddress
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from warmstart import __version__
from warmstart.errors import UserError

TIMEOUT = 30  # seconds without a byte


def check_address(url: str, before: str | None = None) -> None:
    """Refuse (UserError) an address that is not https; plain http is allowed for loopback hosts, for tests.

    before: the address that redirected here. What began as https never goes on as anything else.
    """
    parts = urlsplit(url)
    allowed = parts.scheme == "https" or (
        parts.scheme == "http" and _loopback(parts.hostname) and not (before or "").startswith("https:")
    )
    if not allowed:
        what = f"{before} redirects to {url}" if before else url
        raise UserError(f"{what}: downloads are https only, which this is not")


@contextmanager
def open_address(url: str, start: int = 0) -> Iterator[http.client.HTTPResponse]:
    """The answer to a request for ``url``, from byte ``start`` on: status 206, or 200 where the server knows no ranges.

    Raises UserError for a forbidden address, OSError (``urllib.error.HTTPError`` among them) where it cannot be opened.
    """
    check_address(url)
    request = urllib.request.Request(url, headers={"User-Agent": f"warmstart/{__version__}"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    # Not urllib's usual opener: that one also opens file: and ftp:.
    opener = urllib.request.OpenerDirector()
    proxies = {scheme: proxy for scheme, proxy in urllib.request.getproxies().items() if scheme == "https"}
    for handler in (
        urllib.request.ProxyHandler(proxies),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        CheckedRedirects(),
    ):
        opener.add_handler(handler)
    with opener.open(request, timeout=TIMEOUT) as response:
        yield response


class CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to allowed addresses only."""

    def http_error_302(self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any) -> Any:
        """Say which address was refused, before urllib refuses some without saying."""
        check_address(urljoin(req.full_url, headers.get("location") or headers.get("uri") or ""), req.full_url)
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
