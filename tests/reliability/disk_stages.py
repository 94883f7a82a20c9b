"""The stages that are run on bad disks, with what each writes, and the places and levels of the disks."""

from __future__ import annotations

from dataclasses import dataclass, field

TINY = [
    "data=critters",
    "data.size=48",
    "data.train=48",
    "data.val=16",
    "data.test=16",
    "data.workers=1",
    "schedule.epochs=1",
    "schedule.batch_size=16",
]
PANEL = "data: critters\nrecipes:\n  scratch: {stage: train, from: images}\nset:\n  data: {size: 48, train: 48, val: 16, test: 16}\n"
RECIPES = "artifacts/critters/recipes"
LESSON = "artifacts/critters/lesson"
# A level is the number of bytes left, or what else is wrong with the disk.
LEVELS = ("0", "4096", "300000", "3000000", "read-only", "barred")


def trained(recipe: str, stage: str = "train") -> tuple[list[str], str]:
    """The words that train a recipe where the other stages look for it, and what that writes."""
    out = f"{RECIPES}/{recipe}/model"
    return [stage, *TINY, f"recipe={recipe}", "tracking=none", f"out_dir={out}"], out


STAGES: dict[str, tuple[list[str], str]] = {
    "compose": (["compose"], "artifacts/critters/conf"),
    "list_inputs": (["list_inputs", "critters"], "artifacts/critters/inputs"),
    "prepare": (["prepare", *TINY], "artifacts/critters/images"),
    "audit": (["audit", *TINY, "out_dir=artifacts/critters/audit"], "artifacts/critters/audit"),
    "feature_extract": (["feature_extract", *TINY, "recipe=features"], "artifacts/critters/feature_cache"),
    "train scratch": trained("scratch"),
    "train features": trained("features"),
    "train features_augmented": trained("features_augmented"),
    "fine_tune": trained("fine_tune", "fine_tune"),
    "evaluate": (
        ["evaluate", *TINY, "recipe=scratch", f"out_dir={RECIPES}/scratch/evaluate"],
        f"{RECIPES}/scratch/evaluate",
    ),
    "evaluate features": (
        ["evaluate", *TINY, "recipe=features", f"out_dir={RECIPES}/features/evaluate"],
        f"{RECIPES}/features/evaluate",
    ),
    "interpret": (
        ["interpret", *TINY, "recipe=scratch", f"out_dir={RECIPES}/scratch/interpret"],
        f"{RECIPES}/scratch/interpret",
    ),
    "compare": (
        ["compare", *TINY, "recipes=[scratch,features]", "out_dir=artifacts/critters/report"],
        "artifacts/critters/report",
    ),
    "predict": (
        ["predict", *TINY, "recipe=scratch", "image=photos", "out_dir=artifacts/critters/answers"],
        "artifacts/critters/answers",
    ),
    "convolution": (["convolution", *TINY, "tracking=none"], f"{LESSON}/convolution"),
    "augmentation": (["augmentation", *TINY, "tracking=none", "recipe=scratch_augmented"], f"{LESSON}/augmentation"),
    "publish": (
        ["publish", *TINY, "out_dir=artifacts/critters/published"],
        "artifacts/critters/published",
    ),  # last: it publishes the others
}
LIVE = {"train scratch": ["tracking=mlflow"]}  # with mlruns on the bad disk
PLACES = {
    "artifacts": ("artifacts", tuple(STAGES), LEVELS),
    "mlruns": ("mlruns", ("train scratch", "publish"), ("0", "4096", "300000", "read-only", "barred")),
    "temporary": ("temporary", tuple(STAGES), ("0", "read-only")),
    "shared memory": ("/dev/shm", ("train scratch",), ("0", "300000", "read-only")),
}


@dataclass
class Case:
    """What happened in one case. first, again: exit status and the last lines said, on the bad disk and with room."""

    stage: str
    place: str
    level: str
    status: int = 0
    said: list[str] = field(default_factory=list)
    traces: bool = False
    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    again: int = 0
    said_again: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)

    @property
    def fault(self) -> str:
        """What is wrong with it; nothing where it is as it should be."""
        faults = []
        errors = [line for line in self.said if line.startswith("error: ")]
        if self.status not in (0, 1):
            faults.append(f"exit status {self.status}")
        if self.traces or (self.status and len(errors) != 1):
            faults.append("no sentence")
        if self.changed and self.status:
            faults.append(f"changed {self.changed[:3]}")
        if self.left:
            faults.append(f"left {self.left[:3]}")
        if self.again:
            faults.append(f"exit status {self.again} with room")
        if self.differs:
            faults.append(f"differs {self.differs[:3]}")
        return "; ".join(faults)
