"""List the code, libraries, photos and other files that the stages run or read, with digests: python pipelines/list_inputs.py NAME, a folder of artifacts/.

DVC runs this every time, since nothing else tells it that a photo has changed; so it imports no more than it uses.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "src"))


def main() -> None:
    from warmstart.errors import UserError
    from warmstart.inputs.write import write_listings
    from warmstart.runtime.console import exit_on_user_error, start_logging

    start_logging()
    os.chdir(CHECKOUT)
    with exit_on_user_error():
        dataset = CHECKOUT / "artifacts" / (sys.argv[1] if len(sys.argv) == 2 else "")
        if not (dataset / "conf" / "list_inputs.yaml").is_file():
            raise UserError(
                "usage: python pipelines/list_inputs.py NAME, of a dataset that `dvc repro compose` has composed"
            )
        person = Path(os.environ.get("DVC_ROOT") or CHECKOUT)  # digests serve DVC's copies of the checkout, too
        write_listings(dataset / "conf", dataset / "inputs", person / "artifacts" / ".digests" / dataset.name, CHECKOUT)


if __name__ == "__main__":
    main()
