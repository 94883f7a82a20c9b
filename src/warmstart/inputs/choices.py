"""Which code a stage does not use although its modules import it, because the configuration has chosen otherwise.

A module that only one kind of data, network or page uses is named here, and an edit of it then reruns what has chosen
it and nothing else. ``tests/contract/test_watched_code.py`` runs the stages and checks that none of what they execute
is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from warmstart.config.input_size import OWN_SIZES
from warmstart.config.inputs import targets_of
from warmstart.config.target import CONVNET, TARGET
from warmstart.config.views import CACHE_PHASES, RANDOM_BACKBONE, SCRATCH_PHASES, on_backbone

# By what a source does not use, so that one that is not named here watches everything.
NO_FILES = ("critters", "digits", "idx")  # whose images are no files
NOT_FETCHED = ("critters", "digits", "folder", "csv")


@dataclass(frozen=True)
class Choices:
    """What a stage's configuration has chosen, as far as it decides which code runs.

    stage: as its entry point is called. source: of the data. family, phase, backbone: of the recipe that the stage is
    about; empty for a stage about all. network: the class of a recipe that trains one. interpret: options of the group
    of that name. targets: paths of the classes that option files of a training name.
    """

    stage: str
    source: str
    family: str = ""
    phase: str = ""
    backbone: str = ""
    network: str = ""
    interpret: Mapping[str, Any] = field(default_factory=dict)
    targets: tuple[str, ...] = ()

    @property
    def with_backbone(self) -> bool:
        """Whether a backbone may be part of the network, pretrained or not."""
        return self.family in ("", "transfer") or self.phase == RANDOM_BACKBONE or self.bare

    @property
    def own_network(self) -> bool:
        """Whether the network may be of a class that is not Warmstart's own."""
        return self.stage != "feature_extract" and (not self.phase or self.network not in ("", CONVNET))

    @property
    def bare(self) -> bool:
        """Whether the page of the bare backbone is made, which may be any."""
        return self.stage == "interpret" and bool(self.interpret.get("imagenet", True))


def choices_of(stage: str, config: Mapping[str, Any], interpret: Mapping[str, Any] | None = None) -> Choices:
    """The choices in a recipe's configuration (plain data)."""
    recipe = config["recipe"]
    # Fine-tuning takes the backbone of the checkpoint.
    known = on_backbone(recipe["phase"]) and recipe["phase"] != "fine_tune"
    return Choices(
        stage,
        str(config["data"].get("source", "")),
        str(recipe["family"]),
        str(recipe["phase"]),
        str((config.get("backbone") or {}).get("name", "")) if known else "",
        "" if on_backbone(recipe["phase"]) else str((config.get("network") or {}).get(TARGET) or CONVNET),
        interpret or {},
        tuple(targets_of(config)) if stage in ("train", "fine_tune") else (),
    )


_Chosen = Callable[[Choices], bool]
# Beginnings of paths below src/warmstart → whether what they name is used. What is not named here is used wherever it
# is imported.
USED: dict[str, _Chosen] = {
    "ingest/critters/": lambda c: c.source == "critters",
    "ingest/critters_writer.py": lambda c: c.source == "critters",
    "decoding/colours.py": lambda c: c.stage == "publish" or (c.stage == "prepare" and c.source != "critters"),
    **{
        f"{path}.py": lambda c: c.stage in ("audit", "publish") or (c.stage == "prepare" and c.source not in NO_FILES)
        for path in (
            *(f"decoding/{name}" for name in ("image_file", "reasons")),
            "ingest/decoding/decode_files",
        )
    },
    "ingest/decoding/worker_processes.py": lambda c: (
        c.stage in ("audit", "publish") or (c.stage == "prepare" and c.source not in ("digits", "idx"))
    ),
    "ingest/fetching/": lambda c: c.source not in NOT_FETCHED,
    "ingest/sources/archive.py": lambda c: c.source == "archive",
    "ingest/sources/table.py": lambda c: c.source == "csv",
    "ingest/sources/table_file.py": lambda c: c.source not in NO_FILES,  # corrections too
    "ingest/sources/pets.py": lambda c: c.source == "pets",
    "ingest/sources/digits.py": lambda c: c.source == "digits",
    "ingest/sources/idx.py": lambda c: c.source == "idx",
    "ingest/sources/folder.py": lambda c: c.source not in NO_FILES,
    **{
        f"ingest/{path}": lambda c: c.source != "critters"
        for path in (
            *("sources/", "catalogue.py", "write_splits.py", "curation.py"),
            *(f"duplicates/{name}.py" for name in ("alignment", "candidates", "find", "resemblance")),
        )
    },
    "ingest/corrections.py": lambda c: c.source not in NO_FILES,
    "models/convnet.py": lambda c: c.phase in ("", *SCRATCH_PHASES) and c.stage != "feature_extract",
    "models/transfer.py": lambda c: c.with_backbone,
    "models/backbone.py": lambda c: c.with_backbone,
    "models/backbone_spec.py": lambda c: c.with_backbone,
    "models/known_backbones.py": lambda c: c.with_backbone,
    "models/weights.py": lambda c: c.with_backbone,
    "models/timm_backbone.py": lambda c: c.own_network or (c.with_backbone and (c.backbone not in OWN_SIZES or c.bare)),
    "models/own_network.py": lambda c: c.own_network,
    "models/library_networks.py": lambda c: c.own_network,
    "dataset/augmentation.py": lambda c: c.phase not in CACHE_PHASES,
    **{
        f"features/{name}.py": lambda c: c.stage not in ("train", "fine_tune") or c.phase in CACHE_PHASES
        for name in ("feature_cache", "shards")
    },
    "interpretation/activations/": lambda c: bool(c.interpret.get("activations", True)),
    "interpretation/attribution/imagenet": lambda c: bool(c.interpret.get("imagenet", True)),
    "interpretation/feature_visualization/": lambda c: bool(c.interpret.get("patterns", True)),
    "interpretation/faithfulness/": lambda c: bool(c.interpret.get("scored", True)),
    "tracking/": lambda c: c.stage == "publish",  # watching a training is no input of it
}


def unused(choices: Choices) -> list[str]:
    """Beginnings of paths, from the checkout, of code that these choices do not use."""
    return [f"src/warmstart/{path}" for path, used in USED.items() if not used(choices)]
