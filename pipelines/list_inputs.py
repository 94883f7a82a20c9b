"""List the code, libraries, photos and other files that the stages run or read, with digests: python
pipelines/list_inputs.py NAME.

NAME is a folder of artifacts/. DVC runs this every time, since nothing else shows it that a photo has changed.
"""

from __future__ import annotations

from pathlib import Path

from _app import CHECKOUT, command, user_root

USAGE = "usage: python pipelines/list_inputs.py NAME, of a dataset that `dvc repro compose` has composed"


def list_inputs(words: list[str], here: Path) -> None:
    from warmstart.errors import UserError
    from warmstart.inputs.write import write_listings

    dataset = CHECKOUT / "artifacts" / (words[0] if len(words) == 1 else "")
    if not (dataset / "conf" / "list_inputs.yaml").is_file():
        raise UserError(USAGE)
    digests = user_root() / "artifacts" / ".digests" / dataset.name  # they serve DVC's copies of the checkout too
    write_listings(dataset / "conf", dataset / "inputs", digests, CHECKOUT)


if __name__ == "__main__":
    command(list_inputs)
