"""``python -m heal``: the same as the command ``heal``."""

from heal.cli import main

main()
