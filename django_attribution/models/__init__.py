"""What is stored: who visited (Identity), where they came from (Touchpoint), what it led to (Conversion).

Columns, constraints and one-row behaviour. What concerns many rows is in querysets.py; requests and cookies are
unknown here.
"""

from django_attribution.models.conversion import Conversion
from django_attribution.models.identity import Identity
from django_attribution.models.touchpoint import Touchpoint

__all__ = ["Conversion", "Identity", "Touchpoint"]
