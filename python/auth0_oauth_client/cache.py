"""Django's cache as the cache of the core. Values arrive sealed where they are secret;
a cache that fails costs requests, never correctness."""

import hashlib

from django.core.cache import cache

PREFIX = "auth0_oauth_client:"


def _key(key):
    """Short and of plain letters, whatever backend it is for."""
    return PREFIX + hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class DjangoCache:
    """The port. Any thread."""

    def get(self, key):
        return cache.get(_key(key))

    def set(self, key, data, seconds):
        cache.set(_key(key), data, seconds)

    def delete(self, key):
        cache.delete(_key(key))
