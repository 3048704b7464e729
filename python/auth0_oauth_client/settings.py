"""The settings ``AUTH0_OAUTH_CLIENT``; docs/settings.md lists them.

The core reads and checks them; here they are only made presentable: what Python says
with tuples and lazy texts becomes JSON, and the keys of the store come from
``SECRET_KEY`` unless they are set.
"""

import json
import math
import re

from django.conf import settings as django_settings
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from . import _core
from .errors import Auth0OauthClientImproperlyConfigured

NAME = "AUTH0_OAUTH_CLIENT"
KEY_SALT = "auth0_oauth_client.encryption_keys.1"

UNSAYABLE = re.compile("[\0\ud800-\udfff]")
DEPTH_MAX = 8  # no setting is nested so deep

# Where the core says a fault is, of the one line that it gets from here.
PLACE = " (JSON line 1)"

# The core has a default for it, but projects that move here have always had to write it.
REQUIRED_HERE = {
    "auth0_management_api_domain": 'the tenant\'s own domain, for example "acme.eu.auth0.com"',
}


def table():
    """The rows of the table: name -> (type, default as a person writes it, sentence)."""
    return {name: (kind, default, text) for name, kind, default, text in _core.settings()}


def configured():
    """What the project wrote, a dict.

    Raises:
        Auth0OauthClientImproperlyConfigured: there is none.
    """
    written = getattr(django_settings, NAME, None)
    if not isinstance(written, dict):
        raise Auth0OauthClientImproperlyConfigured(
            faults=[f"{NAME}: is missing; write a dict of settings"]
        )
    return written


def unknown_names():
    """Names in the dict that no setting has."""
    return sorted(str(name) for name in configured() if name not in table())


def _key_of(secret):
    """A key of the store out of a SECRET_KEY: 64 hex digits."""
    return salted_hmac(KEY_SALT, "", secret=secret, algorithm="sha256").hexdigest()


def encryption_keys():
    """Keys derived from SECRET_KEY, which seals, and its fallbacks, which only open."""
    return [_key_of(key) for key in (django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS)]


def _plain(value, depth=0):
    """A Python value as the core's JSON knows it; null, which no setting takes, for what that
    can not say."""
    if isinstance(value, Promise):
        value = str(value)
    if isinstance(value, str):
        return None if UNSAYABLE.search(value) else value
    if isinstance(value, (bool, float)):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    if depth == DEPTH_MAX:
        return None
    if isinstance(value, dict):
        if not all(isinstance(name, str) and not UNSAYABLE.search(name) for name in value):
            return None
        return {name: _plain(member, depth + 1) for name, member in value.items()}
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=str)
    return [_plain(member, depth + 1) for member in value] if isinstance(value, (list, tuple)) else None


def as_json():
    """The settings for the core, without unknown names and unset values.

    Raises:
        Auth0OauthClientImproperlyConfigured: there are none.
    """
    known = table()
    values = {
        name: value for name, value in configured().items() if name in known and value is not None
    }
    # What an environment variable that is not set gives; it has always meant none.
    if values.get("audience") == "":
        del values["audience"]
    values.setdefault("encryption_keys", encryption_keys())
    return json.dumps({name: _plain(value) for name, value in values.items()})


def faults_here():
    """Faults that only Django's way of configuring has."""
    written = configured()
    return [
        f"{name}: is missing; write {what}" for name, what in REQUIRED_HERE.items() if not written.get(name)
    ]


def value_of(name):
    """A setting as the project wrote it, else its default.

    Raises:
        KeyError: no setting has that name.
    """
    kind, default, _ = table()[name]
    value = configured().get(name)
    if value is not None:
        return value
    if default == "":
        return [] if kind in ("list", "secrets") else None
    return default if kind in ("string", "secret") else json.loads(default)


# ---- kept for projects that import them; nothing here calls them ----


def setting(name, default=None):
    """A setting of Django, or the default."""
    return getattr(django_settings, name, default)


def required_setting(name):
    """A setting of Django that must not be empty.

    Raises:
        Auth0OauthClientImproperlyConfigured: it is not there.
    """
    return read_required_key({name: setting(name)}, name)


def read_required_key(config, key):
    """A member of a dict of settings that must not be empty. Raises likewise."""
    value = config.get(key)
    if value is None or value == "":
        raise Auth0OauthClientImproperlyConfigured(faults=[f"{key}: is missing"])
    return value


def import_setting(name):
    """What a setting names by its dotted path; None without one."""
    path = setting(name)
    return None if path is None else import_string(path)
