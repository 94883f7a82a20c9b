"""The command ``warmstart``: the same stages, typed by someone who knows neither DVC nor Hydra."""
