"""Django's cache as the cache of the core. Values arrive sealed where they are secret;
a cache that fails costs requests, never correctness."""

import contextlib
import hashlib
import logging

from django.core.cache import cache

PREFIX = "auth0_oauth_client:"

logger = logging.getLogger("auth0_oauth_client")


def _key(key):
    """Short and of plain letters, whatever backend it is for."""
    return PREFIX + hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


@contextlib.contextmanager
def _told():
    """Nobody else says it: the core goes on without."""
    try:
        yield
    except Exception as error:
        logger.warning("the cache failed: %r", error)
        raise


class DjangoCache:
    """The port. Any thread."""

    def get(self, key):
        with _told():
            return cache.get(_key(key))

    def set(self, key, data, seconds):
        with _told():
            cache.set(_key(key), data, seconds)

    def delete(self, key):
        with _told():
            cache.delete(_key(key))
