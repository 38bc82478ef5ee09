"""Signals of this package, sent inside the transaction of the change: use ``on_commit`` for side effects.

A transaction of ours that the database undid because of others at the same time is run again, and says again what it
does; ``on_commit`` is called for the one that is kept.

``tracking_failed`` has no transaction: what it tells of was rolled back.
"""

from django.dispatch import Signal

conversion_recorded = Signal()
"""A conversion was stored, pending or confirmed. Arguments: ``conversion``. Sent once for each."""

conversion_confirmed = Signal()
"""A conversion became confirmed, at once or later. Arguments: ``conversion``. Sent once for each row.

What was confirmed and is voided, or taken over with another amount, is not told of."""

identity_claimed = Signal()
"""A visitor's identity came to belong to a user. Arguments: ``identity`` (the user's own), ``visitor`` (the one
that was claimed; the same row, unless it was merged)."""

tracking_failed = Signal()
"""Tracking failed and the page was served all the same, or a mutation was answered with UNAVAILABLE (``kind`` is
"mutation"). Arguments: ``kind`` (what was being done), ``error``."""
