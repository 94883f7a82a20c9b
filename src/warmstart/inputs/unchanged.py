"""Whether the code is still what the listing says, by which DVC files the result of a stage."""

from __future__ import annotations

import json
from pathlib import Path

from warmstart.errors import UserError
from warmstart.inputs.code import Code


def check_unchanged(listing: Path, root: Path, kept: Path) -> None:
    """Refuse (UserError) to run a stage with other code than DVC has noted for it, as after an edit while ``dvc repro``
    was at work.

    listing: of the stage. root: the checkout. kept: the file in which list_inputs keeps what is known of code. A
    listing that is missing says nothing: then DVC has not asked for one.
    """
    try:
        lines = listing.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    code = Code(root, kept)
    for line in lines:
        role, _, rest = line.partition(" ")
        if role != "code":
            continue
        digest, _, name = rest.partition(" ")
        path = json.loads(name)
        if not (root / path).is_file() or code.source(path).digest != digest:
            raise UserError(
                f"{path} was changed while this command was at work: give it again, so that DVC notes what the result "
                f"is made with"
            )
