"""All that the command knows of DVC; ``tests/contract/test_dvc_adapter.py`` fails where a new release differs."""
