"""Whether a class activation map can be trusted: deletion and insertion, localisation, randomisation, and a verdict."""
