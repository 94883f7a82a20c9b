"""Every path that a document names exists, every link leads somewhere, and the list of rooms is that of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.test_rooms import ORDER
from support import CHECKOUT

SOURCE = CHECKOUT / "src/warmstart"
ARCHITECTURE = CHECKOUT / "docs/architecture.md"
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
# A path of a file of the repository: not below artifacts/, and without a placeholder.
PATH = re.compile(r"(?<![\w./<>~…-])((?:[\w.-]+/)*[\w.-]+\.(?:py|ya?ml|jinja|md|toml|ipynb|txt))(?![\w/<])")
FOLDER = re.compile(r"`((?:src|conf|pipelines|tests|docs|benchmarks)/[\w./-]*)")
NO_FILES = {"conf/data/photos.yaml", "src/mine.py", "train.yaml"} | {  # of a checkout
    f"conf/{group}/NAME.yaml" for group in ("data", "recipe", "augment", "optimizer", "scheduler", "callbacks")
}


def named_paths(page: Path) -> Iterator[str]:
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"`[^`\n]*artifacts/[^`\n]*`|artifacts/[\w./-]*", "", text)
    found = {match[1] for match in PATH.finditer(text)} | {match[1] for match in FOLDER.finditer(text)}
    yield from sorted(found.difference(NO_FILES))


def exists(path: str, page: Path) -> bool:
    return any((folder / path).exists() for folder in (CHECKOUT, SOURCE, page.parent))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_paths_that_a_page_names_exist(page: Path) -> None:
    missing = [path for path in named_paths(page) if not exists(path, page)]
    assert not missing, f"{page.name} names {', '.join(missing)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_of_a_page_lead_to_a_file_and_heading(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("http"):
            continue
        path, _, heading = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), f"{page.name} links to {target}"
        assert not heading or heading in headings(linked), f"{page.name} links to {target}"


def headings(page: Path) -> list[str]:
    """The anchors that GitHub gives the headings of a page."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found]


def test_the_architecture_lists_the_rooms_in_their_order() -> None:
    section = ARCHITECTURE.read_text(encoding="utf-8").split("## The rooms")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == ORDER


def test_the_architecture_names_what_its_files_define() -> None:
    section = ARCHITECTURE.read_text(encoding="utf-8").split("## Where is")[1]
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    assert len(rows) > 20
    for files, names in rows[1:]:
        code = "\n".join((SOURCE / path).read_text(encoding="utf-8") for path in re.findall(r"`([^`]+)`", files))
        for name in re.findall(r"`([^`]+)`", names):
            assert re.search(rf"^(?:class|def) {name}\b|^{name}\b", code, re.MULTILINE), f"{files} has no {name}"
