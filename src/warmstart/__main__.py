"""``python -m warmstart``: the command, where it is not installed."""

from warmstart.cli.main import main

if __name__ == "__main__":
    main()
