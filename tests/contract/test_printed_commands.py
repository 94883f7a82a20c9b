"""Every command that a document, a message or a page prints can be typed as it stands there."""

from __future__ import annotations

import pytest

from printed import OTHERS, OURS, check_command, documents, messages, templates

# A folder of a person's own, as `warmstart run ~/photos` writes its option.
PHOTOS = {"data=photos": ["data=image_folder", "data.name=photos"]}


def ids(found: list[tuple[str, str]]) -> list[str]:
    return [f"{place}: {command}" for place, command in found]


def ours(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted({(place, command.removeprefix("MLFLOW_DISABLE_TELEMETRY=true ")) for place, command in found})


DOCUMENTED = ours([(place, command) for place, command in documents() if not command.startswith(OTHERS)])
PRINTED = ours([*messages(), *templates()])


def test_commands_were_found_where_they_are_known_to_be() -> None:
    assert ("README.md", "python pipelines/train.py recipe=scratch optimizer.lr=1e-3") in DOCUMENTED
    assert any(place.endswith("report/made.html.jinja") for place, _ in PRINTED)
    assert any(
        place.endswith("training/messages.py") and command == "dvc repro train@scratch" for place, command in PRINTED
    )


@pytest.mark.parametrize(("place", "command"), DOCUMENTED, ids=ids(DOCUMENTED))
def test_a_document_prints_a_command_that_starts(place: str, command: str) -> None:
    assert OURS.match(command), f"{place}: what is {command!r}?"
    check_command(command, PHOTOS)


@pytest.mark.parametrize(("place", "command"), PRINTED, ids=ids(PRINTED))
def test_a_message_or_page_prints_a_command_that_starts(place: str, command: str) -> None:
    check_command(command, PHOTOS)


@pytest.mark.parametrize(
    "command",
    [
        "python pipelines/train.py recipe=scrach",
        "python pipelines/train.py recipe=scratch optimizer.rate=1",
        "python pipelines/trian.py",
        "dvc repro train@scrach",
        "dvc exp run -S set.data.fold=5",
        "warmstart run ~/photos --quik",
        "warmstart run ~/photos --set schedule.epoch=5",
        "mlflow ui --store sqlite:///x.db",
    ],
)
def test_a_command_with_a_mistake_is_caught(command: str) -> None:
    with pytest.raises((AssertionError, Exception, SystemExit)):
        check_command(command)


@pytest.mark.parametrize(("place", "command"), [found for found in PRINTED if found[0].endswith("jinja")])
def test_a_page_says_which_data_a_command_is_about(place: str, command: str) -> None:
    """By hand the default is the embedded data: without a word the command of a page would be about other images."""
    assert not command.startswith("python pipelines/") or " data=" in command
