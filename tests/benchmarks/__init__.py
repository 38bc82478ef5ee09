"""The benchmark: this package beside the published django-attribution, on the same rows (``python3 run.py bench``).

``__main__.py`` puts the parts together. A worker (worker.py) is a process with one of the two packages and one
database; everything that imports Django runs there, everything else in the process that compares.
"""
