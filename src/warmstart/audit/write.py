"""The stage `audit`: what is wrong with the photos, as JSON, pictures and one page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from warmstart.audit.find import find
from warmstart.audit.findings import Findings
from warmstart.audit.scan import Scan, read_scan
from warmstart.audit.sheets import contact_sheet, finding_sheet, sampled, shown
from warmstart.audit.thumbnails import Look, channels, prepared, with_copies
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir, write_bytes, write_json, write_text

QUALITY = 85
LONGEST_NAME = 50  # letters of a class's name in the name of its sheet; some take 4 bytes, of which a name may have 255


def audit(
    scan_dir: str | Path,
    images_dir: str | Path | None,
    out_dir: str | Path,
    *,
    dataset: str,
    thumbnails: Callable[[str], np.ndarray | None] | None = None,
) -> dict[str, Any]:
    """Replace ``out_dir`` by audit.json, index.html, balance.png, distributions.png, contact/<class>.jpg and found/<finding>.jpg;
    returns what audit.json says.

    scan_dir: what ``prepare`` wrote beside the images: scan.json and photos.csv. images_dir: the prepared images, or None where
    there are none yet. thumbnails: path → uint8 (H, W, 1 or 3) or None, for photos of which no image was prepared. Without either
    there are no pictures of photos. The same input gives the same bytes.
    Raises UserError where the scan is missing or of another dataset; what stood in ``out_dir`` is then kept.
    """
    from warmstart.audit.charts import draw_balance, draw_distributions
    from warmstart.audit.page import render_page
    from warmstart.drawing.embed import jpeg_uri, png_uri

    scan = read_scan(scan_dir)
    if scan.record["dataset"] != dataset:
        raise UserError(f"{scan_dir} is a scan of {scan.record['dataset']}, not of {dataset}: run `dvc repro prepare`")
    findings = find(scan, channels(Path(images_dir)) if images_dir else None)
    charts = {
        "balance": draw_balance(findings.balance),
        "distributions": draw_distributions(scan) if scan.files else None,
    }
    look = _looking(scan, findings, Path(images_dir) if images_dir else None, thumbnails)
    with replace_dir(out_dir) as out:
        pictures, contacts = {}, {}
        for name, data in charts.items():
            if data:
                write_bytes(out / f"{name}.png", data)
                pictures[name] = png_uri(data)
        for finding in findings.found:
            if sheet := finding_sheet(scan, finding, look):
                pictures[finding.key] = jpeg_uri(_save(sheet, out / "found" / f"{finding.key}.jpg"))
        for label, name in enumerate(scan.classes):
            if sheet := contact_sheet(scan, label, look):
                data = _save(sheet, out / "contact" / f"{_file_name(scan.classes, label)}.jpg")
                contacts[name] = jpeg_uri(data)
        content = findings.to_dict()
        write_json(out / "audit.json", content)
        write_text(out / "index.html", render_page(findings, pictures, contacts))
    return content


def _looking(scan: Scan, findings: Findings, images_dir: Path | None, other: Look | None) -> Look:
    """Prepared images first, then whatever else there is."""
    wanted = {path for finding in findings.found for path in shown(finding)}
    wanted |= {scan.paths[row] for label in range(len(scan.classes)) for row in sampled(scan, label)}
    first = prepared(scan, images_dir, with_copies(scan, wanted)) if images_dir else None

    def look(path: str) -> np.ndarray | None:
        found = first(path) if first else None
        return found if found is not None or other is None else other(path)

    return look


def _save(image: Image.Image, path: Path) -> bytes:
    """Write a picture as JPEG; returns the file's content."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    write_bytes(path, buffer.getvalue())
    return buffer.getvalue()


def _file_name(classes: list[str], label: int) -> str:
    """A class's name as a file name: as it is where it can be, else cut and with its number to keep it apart."""
    name = classes[label]
    plain = re.sub(r"[^\w .+-]", "_", name[:LONGEST_NAME]).strip(". ")
    return plain if plain == name else f"{label:03d}_{plain}"
