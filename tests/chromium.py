"""Where this machine keeps a Chromium. Standard library only: ``.ci/run`` asks before anything is installed."""

import os
import shutil
import sys

VARIABLE = "ATTRIBUTION_TEST_CHROMIUM"
# The one without windows first: it takes half of the other's time to show a page that nobody looks at.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ADVICE = f"there is no Chromium: install one (Debian: apt install chromium-headless-shell) or name it in {VARIABLE}"


def find_chromium() -> str | None:
    """Return the program that the environment names or that is on PATH, or None."""
    if named := os.environ.get(VARIABLE):
        if shutil.which(named) is None:
            raise SystemExit(f"{VARIABLE} names {named!r}, which is no program.")
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__":
    sys.exit(0 if find_chromium() else ADVICE)
