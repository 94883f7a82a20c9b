"""Functions of ingest for tests that give the ``data`` options as a dictionary: keys that are left out have their
defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from warmstart.config.data_schema import Data
from warmstart.config.typed import to_typed
from warmstart.ingest import checks, curation, write_splits
from warmstart.ingest import prepare as prepare_stage
from warmstart.ingest.sources import idx, pets, published, table
from warmstart.ingest.sources import open as opening
from warmstart.ingest.splitting import split
from warmstart.inputs import files_read

DEFAULTS = {"name": "set", "source": "folder", "size": 8}


def data_options(options: Mapping[str, Any]) -> Data:
    """The typed options."""
    return to_typed(Data, {**DEFAULTS, **options})


def of_dictionary(work: Callable[..., Any], source: str = "") -> Callable[..., Any]:
    """The function ``work``, whose arguments may be options as a dictionary. source: of options that name none."""

    @wraps(work)
    def done(*arguments: Any, **named: Any) -> Any:
        given = {"source": source} if source else {}
        typed = [data_options({**given, **one}) if isinstance(one, dict) else one for one in arguments]
        return work(*typed, **named)

    return done


prepare = of_dictionary(prepare_stage.prepare)
check_request = of_dictionary(checks.check_request)
check_disk = of_dictionary(checks.check_disk)
disk_needed = of_dictionary(checks.disk_needed)
curate = of_dictionary(curation.curate)
assign_splits = of_dictionary(write_splits.assign_splits)
choose_splits = of_dictionary(split.choose_splits)
choose_folds = of_dictionary(split.choose_folds)
open_listing = of_dictionary(opening.open_listing)
open_arrays = of_dictionary(opening.open_arrays)
list_table = of_dictionary(table.list_table, "csv")
list_pets = of_dictionary(pets.list_pets, "pets")
read_idx_set = of_dictionary(idx.read_idx_set, "idx")
find_file = of_dictionary(idx.find_file, "idx")
own_copy = of_dictionary(published.own_copy, "pets")
data_files = of_dictionary(files_read.data_files)
