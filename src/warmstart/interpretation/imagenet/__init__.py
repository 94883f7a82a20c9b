"""The lesson's sanity step: what the bare backbone, with the classifier it came with, says of a photo, and why."""
