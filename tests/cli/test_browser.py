"""``warmstart ui`` opens a browser for a person, and for nobody else."""

from __future__ import annotations

import webbrowser
from typing import Any

import pytest

from warmstart.cli import browser, ui
from warmstart.tracking.pages import Page

FOUND = [Page("photos", "/#/2"), Page("critters", "/#/1")]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser is given, at a terminal with a desktop."""
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: addresses.append(address) or True)
    monkeypatch.setattr(browser.sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(browser.sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    return addresses


def test_the_page_of_the_first_dataset_is_opened_and_the_others_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(ui, "open_for_a_person", asked.append)
    ui._lead_there("http://here", FOUND, browser=True)
    first, second = capsys.readouterr().out.splitlines()
    assert "http://here/#/2 " in first and "critters" in second and second.endswith("http://here/#/1")
    ui._lead_there("http://here", FOUND, browser=False)
    assert asked == ["http://here/#/2"]
    ui._lead_there("http://here", [], browser=True)
    assert asked[1:] == ["http://here"], "of another version of MLflow only the server is known"


def test_a_person_at_a_desktop_gets_the_page(opened: list[str]) -> None:
    assert browser.open_for_a_person("http://here/#/2") and opened == ["http://here/#/2"]


@pytest.mark.parametrize("lacking", ["terminal", "desktop", "nearness"])
def test_nobody_else_does(lacking: str, opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if lacking == "terminal":
        monkeypatch.setattr(browser.sys.stdout, "isatty", lambda: False, raising=False)
    elif lacking == "desktop":
        monkeypatch.delenv("DISPLAY")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    else:
        monkeypatch.setenv("SSH_CONNECTION", "1.2.3.4 5 6.7.8.9 22")
    assert not browser.open_for_a_person("http://here") and not opened


def test_a_browser_that_cannot_be_started_is_no_error(opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(address: str) -> Any:
        raise webbrowser.Error(address)

    monkeypatch.setattr(webbrowser, "open", fail)
    assert not browser.open_for_a_person("http://here")
