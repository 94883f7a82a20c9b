"""Whether a class activation map can be trusted: scores, controls and a verdict."""
