#!/usr/bin/env python
"""Django's command line for the example shop; works from any folder."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run a management command."""
    # The example imports the packages beside it, so the folder that holds them all has to be importable.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
