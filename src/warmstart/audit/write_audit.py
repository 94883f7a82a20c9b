"""The stage `audit`: what is wrong with the photos, as JSON, pictures and one page."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from warmstart.audit.checks.registry import run_checks
from warmstart.audit.properties import DISPLAY_NAMES
from warmstart.audit.scan import Scan, read_scan
from warmstart.audit.sheets import MAX_ITEMS_SHOWN, contact_sheet, contact_sheet_rows, finding_sheet, sheet_paths
from warmstart.audit.thumbnails import Thumbnails, channel_statistics, prepared_thumbnails
from warmstart.drawing.data_uri import jpeg_uri, png_uri
from warmstart.drawing.html import templates
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir, write_bytes, write_text
from warmstart.records.audit import AuditReport

MAX_CONTACT_SHEETS = 20  # on the page; all are in the folder
JPEG_QUALITY = 85
MAX_NAME_LENGTH = 50  # letters of a class's name in a file name; some take 4 bytes, of which a name may have 255


def write_audit(
    scan_dir: Path, images_dir: Path | None, out_dir: Path, *, dataset: str, thumbnails: Thumbnails | None = None
) -> AuditReport:
    """Replace ``out_dir`` by audit.json, index.html, balance.png, distributions.png, contact/<class>.jpg and
    found/<kind>.jpg; returns the content of audit.json.

    scan_dir: what ``prepare`` wrote beside the images: scan.json and photos.csv. images_dir: the prepared images, or
    None where there are none yet. thumbnails: of photos of which no image was prepared. Without either there are no
    pictures of photos. The same input gives the same bytes.
    Raises UserError where the scan is missing or of another dataset; what stood in ``out_dir`` is then kept.
    """
    from warmstart.audit.charts import draw_balance, draw_distributions

    scan = read_scan(scan_dir)
    if scan.record.dataset != dataset:
        raise UserError(f"{scan_dir} is a scan of {scan.record.dataset}, not of {dataset}: run `dvc repro prepare`")
    report = run_checks(scan, channel_statistics(images_dir) if images_dir else None)
    charts, narrow = (
        {
            "balance": draw_balance(report.balance, narrow=narrow),
            "distributions": draw_distributions(scan, narrow=narrow) if scan.files else None,
        }
        for narrow in (False, True)
    )
    find_thumbnail = _thumbnails(scan, report, images_dir, thumbnails)
    with replace_dir(out_dir) as out:
        pictures, contacts = {}, {}
        for name, data in charts.items():
            if data:
                write_bytes(out / f"{name}.png", data)
                pictures[name] = png_uri(data)
            if data := narrow[name]:
                pictures[f"{name}_narrow"] = png_uri(data)
        for finding in report.findings:
            if sheet := finding_sheet(scan, finding, find_thumbnail):
                pictures[finding.key] = jpeg_uri(_write_jpeg(sheet, out / "found" / f"{finding.key}.jpg"))
        for label, name in enumerate(scan.classes):
            if sheet := contact_sheet(scan, label, find_thumbnail):
                path = out / "contact" / f"{_file_name(scan.classes, label)}.jpg"
                contacts[name] = jpeg_uri(_write_jpeg(sheet, path))
        report.write(out / "audit.json")
        write_text(out / "index.html", render_page(report, pictures, contacts))
    return report


def render_page(report: AuditReport, pictures: Mapping[str, str], contacts: Mapping[str, str]) -> str:
    """The page as HTML: what comes from files is escaped, pictures are inside, and there are no scripts.

    pictures: data: addresses by the finding's kind, ``balance`` and ``distributions``, and of these two with the ending
    ``_narrow`` for a telephone. contacts: by class.
    """
    shown = list(contacts.items())[:MAX_CONTACT_SHEETS]
    context = {"report": report, "pictures": pictures, "contacts": shown, "more_contacts": len(contacts) - len(shown)}
    template = templates(Path(__file__).parent).get_template("audit.html.jinja")
    return template.render(**context, max_items=MAX_ITEMS_SHOWN, display_names=DISPLAY_NAMES)


def _thumbnails(scan: Scan, report: AuditReport, images_dir: Path | None, other: Thumbnails | None) -> Thumbnails:
    """Prepared images first, then whatever else there is."""
    wanted = {path for finding in report.findings for path in sheet_paths(finding)}
    wanted |= {scan.paths[row] for label in range(len(scan.classes)) for row in contact_sheet_rows(scan, label)}
    prepared = prepared_thumbnails(scan, images_dir, wanted) if images_dir else None

    def find_thumbnail(path: str) -> np.ndarray | None:
        found = prepared(path) if prepared else None
        return found if found is not None or other is None else other(path)

    return find_thumbnail


def _write_jpeg(image: Image.Image, path: Path) -> bytes:
    """Write a picture; returns the file's content."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    write_bytes(path, buffer.getvalue())
    return buffer.getvalue()


def _file_name(classes: Sequence[str], label: int) -> str:
    """A class's name as a file name: as it is where possible, else cut and with its number to keep it apart."""
    name = classes[label]
    plain = re.sub(r"[^\w .+-]", "_", name[:MAX_NAME_LENGTH]).strip(". ")
    return plain if plain == name else f"{label:03d}_{plain}"
