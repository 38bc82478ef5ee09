"""How much a test does: enough for every change in every run, more before a release (``run.py test --long``).

``tests.every_check`` sets the variable, and whoever runs pytest alone can. Sizes are read where tests are collected.
"""

import os

LONG_VARIABLE = "ATTRIBUTION_TEST_LONG"
IS_LONG = os.environ.get(LONG_VARIABLE) == "1"


def sized(usual: int, *, long: int) -> int:
    """Return the number of runs, requests or examples that this run of the tests is to make."""
    return long if IS_LONG else usual
