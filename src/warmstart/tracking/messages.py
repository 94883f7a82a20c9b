"""What tracking reports to a person: templates."""

from __future__ import annotations

PUBLISH = "`python pipelines/publish.py`"

DAMAGED_DATABASE = (
    "{database} is damaged or no database ({error}). Move {folder} away, and rebuild what the files hold "
    f"with {PUBLISH}; notes, and runs whose files are gone, are in the old one only."
)
UNOPENED_DATABASE = "{database} cannot be opened now ({error}); give the same command again"
OTHER_VERSION = (
    "{database} was written by another version of MLflow. If that is an older one, keep a copy of {folder} and bring "
    "it up to date with `mlflow db upgrade {url}`; if it is a newer one, install that version."
)
LIVE_LOGGING_FAILED = (
    "Live logging to MLflow failed: {reason} (see {log}). Training is not affected; "
    f"{PUBLISH} brings MLflow up to date afterwards."
)
NO_REASON = "it stopped without a message"
STILL_RUNNING = "not done after {seconds:.0f} s"
SWEEP_NOT_LOGGED = f"The sweep is not in MLflow ({{error}}). {PUBLISH} will put it there."
PARAMS_KEPT = "MLflow run {run} keeps its first value of {keys}, as MLflow parameters do; its config.yaml is right."
OTHER_TRAINING = "{folder} belongs to an earlier training of this recipe and is left out; run `dvc repro`"
PUBLISHED = "MLflow is up to date: {runs} runs in {seconds:.1f} s ({models} new models)"
LEFT_OUT = "\n  left out {folder}: {reason}"
REQUEST_FAILED = "the model failed ({kind}); the server's log says more"
NOTE = "Recipe `{recipe}` ({family}) on {dataset}."
MODEL_INPUT = (
    "images: each the bytes of an image file (base64 text in JSON), or pixels, whole numbers from 0 to 255 "
    "(height, width, channels) of any size; in Python also a pathlib.Path"
)
MODEL_OUTPUT = (
    "for each image its class, the probability of that class, the probabilities by class name, and, where the package "
    "has a limit for it, whether the probability is below that limit (unsure)"
)
