"""Where the library ``limits`` keeps its counts: in Django's cache, which all processes of a site share."""

import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import BaseCache
from limits.storage import Storage


class CacheCounter(Storage):
    """Counts in windows of one length, which begin at its multiples since 1970: for ``FixedWindowRateLimiter``.

    The number of the window is part of the key, since Django's cache does not tell when an entry expires. ``add`` and
    ``incr`` are atomic in Redis, Memcached and local memory; elsewhere two calls at the same instant may count as one.
    """

    STORAGE_SCHEME = None  # made by hand, never from an address

    def __init__(self, cache: BaseCache, *, window: int, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._cache = cache
        self._window = window  # seconds
        self._clock = clock

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a cache that is down raises: each kind of cache something else."""
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return how many that makes."""
        name = self._name(key)
        if self._cache.add(name, amount, timeout=expiry):
            return amount
        count = self._cache.incr(name, amount)
        self._cache.touch(name, timeout=expiry)  # in files and in the database it has the cache's own TIMEOUT by now
        return count

    def get(self, key: str) -> int:
        """Return how many were counted in this window."""
        return int(self._cache.get(self._name(key), 0))

    def get_expiry(self, key: str) -> float:
        """Return when this window ends, in seconds since 1970."""
        return float((self._number + 1) * self._window)

    def check(self) -> bool:
        """Tell whether the cache keeps what it is given."""
        self._cache.set("graphql_api.cache_counter", 1, timeout=1)
        return bool(self._cache.get("graphql_api.cache_counter") == 1)

    def reset(self) -> int | None:
        """Leave the cache alone: it holds what others put there, and windows end by themselves."""
        return None

    def clear(self, key: str) -> None:
        """Forget what was counted in this window."""
        self._cache.delete(self._name(key))

    @property
    def _number(self) -> int:
        return int(self._clock() // self._window)

    def _name(self, key: Any) -> str:
        return f"{key}/{self._number}"
