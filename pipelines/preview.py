"""Print the configuration of every recipe that a choice would give, as JSON, and change nothing: python pipelines/preview.py data=critters."""

from __future__ import annotations

import json
import sys

from _app import prepare_process


def main() -> None:
    from _preview import preview
    from warmstart.runtime.console import exit_on_user_error

    with exit_on_user_error():
        prepare_process()
        json.dump(preview(sys.argv[1:]), sys.stdout)


if __name__ == "__main__":
    main()
