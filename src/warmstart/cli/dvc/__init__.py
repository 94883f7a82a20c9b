"""All that the command knows of DVC: its commands, what it prints, its private files, and how it fails.

``tests/contract/test_dvc_adapter.py`` runs the DVC that requirements.txt pins, and fails where a new release differs.
"""
