"""Sentences of the command ``warmstart``, by what they are about. Values are filled in by ``str.format``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from warmstart.config.escape import unescape

AGAIN = "give the same command again"
# A stage when it is done, and while it runs. {}: the recipe.
STAGES = {
    "compose": ("settings read", "reading settings"),
    "list_inputs": ("photos and files listed", "listing photos and files"),
    "prepare": ("photos decoded and split", "decoding and splitting photos"),
    "audit": ("photos checked for faults", "checking photos for faults"),
    "feature_extract": ("features extracted", "extracting features"),
    "train": ("{} trained", "training {}"),
    "evaluate": ("{} measured", "measuring {}"),
    "interpret": ("{}: maps made", "making maps of {}"),
    "learning_curve": ("{} trained on parts of the photos", "training {} on parts of the photos"),
    "compare": ("report made", "making the report"),
    "publish": ("MLflow updated", "updating MLflow"),
}

# Why a command of DVC failed, and what to do, by kind of error.
FAILURES = {
    "lockfile_damaged": f"dvc.lock is empty or damaged, as after a command that was killed while it wrote it: {AGAIN}, "
    "which repairs it. Where it does not, `git checkout dvc.lock` puts back the last committed one (in a merge, "
    "`git checkout --ours dvc.lock`), and what has run since then comes back from DVC's cache",
    "rwlock_damaged": f"{{file}} is empty or damaged, as after a command that was killed: {AGAIN}, which removes it",
    "rwlock_left": f"a dvc that was killed has left a lock (.dvc/tmp/rwlock): {AGAIN}, which removes it",
    "locked": f"another warmstart or dvc command is at work in this checkout{{process}}: when it has ended, {AGAIN}",
    "pipeline_damaged": "dvc.yaml is not valid: undo what was changed in it; `git checkout dvc.yaml` puts back the "
    "last committed one",
    "yaml_damaged": "{file} is not valid YAML{where}: correct it there, or see `git diff {file}`",
    "param_missing": "params.yaml has no key {key}, which dvc.yaml reads: put it back; `git diff params.yaml` shows "
    "what was changed",
    "settings_damaged": ".dvc/config, or DVC's own settings, is damaged ({what}): `git checkout .dvc/config` puts back "
    "the last committed one",
    "no_git": f"this folder is no git repository, and DVC needs one: run `git init` in it, and {AGAIN}",
    "no_dvc_folder": "the folder .dvc of this checkout is missing: `git checkout .dvc` puts back the last one",
    "no_home": "this user has no home folder: set HOME to a folder that it may write to",
    "no_user_name": "the user {number} has no name on this machine: set USER and LOGNAME to any name",
    "out_of_memory": "the system ended it, which it does when memory runs out: close other programs, or try fewer or "
    "smaller photos",
    "ended_from_outside": f"it was ended from outside: {AGAIN}, which goes on where this one stopped",
    "interrupted": f"it was interrupted: {AGAIN}, which goes on where this one stopped",
    "library_crashed": f"a library that it uses crashed: {AGAIN}; where it crashes again, install the versions in "
    "requirements.txt anew",
    "memory_map_failed": "the system could not write or read a file that is open as memory; mostly {full_disk}",
    "cache_not_linked": "DVC could not bring {file} from its cache: {folder} has {free} free, and this user must be "
    "able to write there",
    "database_full": "{full_disk}",
    "no_result": f"the stage has ended without its result {{file}}: {AGAIN}",
}
FAULT_HERE = "{stage}a fault of Warmstart, not of your photos or settings: {what}; please report it with the file {log}"
FAILED_OTHERWISE = "{stage}the command failed; it printed:\n{what}\n(everything that was printed: {log})"
FAILED = "{stage}{what}\n(everything that was printed: {log})"
AT_STAGE = "at the stage {}, "


# `warmstart run`
RUN_TOO = "{start} is run too, because {recipe} starts from it"
PARAMS_KEPT = "params.yaml also says {values}, which holds for this run too"
PARAMS_STALE = "params.yaml says {values}, about other data: set to null"
PARAMS_CHANGED = "params.yaml was changed meanwhile, to {now}: give the same command again to go on with {name}"
AFTER_RUN = """report:         {page}
                warmstart report --open --name {name}
all curves:     warmstart ui
other photos:   warmstart predict {best} PHOTO_OR_FOLDER --name {name}"""


RUN_AT_WORK = "another `warmstart run` is at work in this checkout: wait until it has ended, or stop it"
DVC_AT_WORK = "dvc is at work in this checkout{process}: wait until it has ended, or stop it"
UNDONE = "an earlier run was killed before it had trained anything: {files} {are} as before it"

# `warmstart check`
READY = (
    "ready to be trained on: {train:,} photos for training, {val:,} for validation and {test:,} for testing{in_folds}"
)
NOT_READY = "not ready to be trained on:"
LEAKS = (
    "the split that the photos come with leaks: {count} photos of one part are in another too, such as {a} and {b}. "
    "Correct it, or add --set data.on_leak=drop, which takes them out of the training part"
)
TIME = "time: about {first} to the quick answer, {at_most}about {total} for all recipes on this machine"
STOPS_EARLY = "  less where a training stops early: when the validation loss has not fallen for {epochs}"
DISK = "disk: about {needed} below artifacts/{name}; {free} are free"
DISK_SCARCE = f"{DISK}; that is too little"
LOADED = "measured while other work was running (load {load:.1f} on {cores} core{s}); idle it is less"

# `warmstart ui`
NO_PORT = "--port {port}: neither that port nor the next {more} are free; give another number between 1024 and 65535"

# `warmstart predict`
OUTDATED = (
    "{recipe} was trained on other photos, or at another size, than those prepared now: `warmstart run` trains it again"
)

# `warmstart suggest`
NEEDS_FEATURES = "suggest needs a recipe that is trained on cached features, such as linear_probe"
TRAIN_PROBE = "`warmstart run PHOTOS --only linear_probe` trains one in seconds"

# The data option
PATH_SET = "--set data.{key}={value}: it follows from the photos that you name, {path}"
UNSAFE_NAME = "--name {name} cannot be the name of a folder and an option; {safe} can"
WRITTEN_BY_HAND = "{file} was written by hand: set {keys} there, or give the photos another name by --name"
NAME_TAKEN = "--name {name}: {file} is about something else; give another name"
NOT_UTF8 = "{path}: this name is not UTF-8, so no settings file can hold it: rename it, or make a link to it"
NO_BASE = "{file}: its defaults must begin with the data option that it is made from, such as image_folder"


def remembered(name: str, settings: Mapping[str, Any]) -> str:
    """What earlier runs, or a person by hand, have set for a dataset, and how to be rid of it."""
    them = "it" if len(_typed(settings)) == 1 else "them"
    return f"remembered in conf/data/{name}.yaml: {format_settings(settings)}; --fresh forgets {them}"


def no_report(name: str, others: Sequence[str]) -> str:
    """That a dataset has no report; others: those that have."""
    hint = f"there is one for {', '.join(others)} (--name)" if others else "`warmstart run FOLDER` makes one"
    return f"there is no report for {name} yet; {hint}"


def suggest_needs_features(recipe: str, name: str, able: Sequence[str]) -> str:
    """That a recipe is not trained on cached features, or, with an empty one, that none has finished that is. able:
    those that have.
    """
    what = f"{recipe} is not trained on cached features" if recipe else f"none has finished on {name}"
    remedy = f"of {name} there are {', '.join(able)} (--recipe)" if able else TRAIN_PROBE
    return f"{NEEDS_FEATURES}; {what}: {remedy}"


def failures(failed: Mapping[str, str], skipped: Mapping[str, str]) -> list[str]:
    """What failed and why, names with the same reason together, and what was skipped for which."""
    reasons = dict.fromkeys(failed.values())
    names = {reason: ", ".join(name for name, other in failed.items() if other == reason) for reason in reasons}
    return [
        *(f"failed: {names[reason]}: {reason}" for reason in reasons),
        *(f"skipped: {name}, which starts from {start}" for name, start in skipped.items()),
    ]


def format_settings(settings: Mapping[str, Any]) -> str:
    """Settings as they are typed: ``folds=5, schedule.epochs=1``."""
    short = {"data.folds": "folds", "data.size": "size"}  # the command's own options
    return ", ".join(f"{short.get(key, key)}={format_value(value)}" for key, value in _typed(settings).items())


def _typed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without what ``--size`` sets besides ``data.size``."""
    return {key: value for key, value in settings.items() if key != "backbone.size" or "data.size" not in settings}


def format_value(value: Any) -> str:
    """A value as it is typed; what an option file escapes is not."""
    if isinstance(value, str):
        return unescape(value)
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def format_stage(stage: str, *, running: bool = False) -> str:
    """A stage that is done, or that runs, by its name in DVC, such as train@scratch."""
    kind, _, recipe = stage.partition("@")
    return STAGES.get(kind, (kind, kind))[running].format(recipe)


def as_options(text: str) -> str:
    """Advice with options of this command, such as ``--set balance=…``, in place of keys of the configuration."""
    text = re.sub(r"\bdata=csv\b", "a .csv file", text)
    text = re.sub(r"(?<!--set )(?<![\w./])data\.(folds|size)=(\d+)", r"--\1 \2", text)
    text = re.sub(r"(?<![\w./])data\.size, now", "--size, now", text)
    keys = r"(data|balance|schedule|optimizer|backbone|trainer)(\.\w+)*"
    text = re.sub(rf"(?<!--set )(?<![\w./])({keys}=[\w./-]*\w)", r"--set \1", text)
    return re.sub(r"\b(S|s)(et|ay) --", lambda found: ("Add" if found[1] == "S" else "add") + " --", text)
