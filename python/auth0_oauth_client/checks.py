"""System checks of the settings and of what is installed."""

from difflib import get_close_matches
from importlib import metadata

from django.conf import settings as django_settings
from django.core import checks
from django.db import connections, router

from . import settings
from .errors import Auth0OauthClientImproperlyConfigured


@checks.register("auth0_oauth_client")
def check_settings(app_configs, **options):
    """E001 for each fault; W001 for each name that no setting has."""
    from .client import make_core

    faults, unknown = (), ()
    try:
        unknown = settings.unknown_names()
        make_core()
    except Auth0OauthClientImproperlyConfigured as error:
        faults = error.faults
    return [checks.Error(fault, id="auth0_oauth_client.E001") for fault in faults] + [
        checks.Warning(
            f"{settings.NAME}: {name} is no setting",
            hint=_perhaps(name) + "docs/settings.md lists the settings; this one has no effect.",
            id="auth0_oauth_client.W001",
        )
        for name in unknown
    ]


def _perhaps(name):
    meant = get_close_matches(name, settings.table(), 1)
    return f"Perhaps {meant[0]} is meant. " if meant else ""


@checks.register("auth0_oauth_client")
def check_database(app_configs, **options):
    """E003 when the tables are in a database that the store does not speak to."""
    from .models import SealedRow

    alias = router.db_for_write(SealedRow)
    vendor = connections[alias].vendor
    if vendor in ("sqlite", "postgresql"):
        return []
    return [
        checks.Error(
            f"the database {alias!r} is neither SQLite nor PostgreSQL, but {vendor}",
            hint="Send the app auth0_oauth_client to one that is, by DATABASE_ROUTERS.",
            id="auth0_oauth_client.E003",
        )
    ]


@checks.register("auth0_oauth_client")
def check_installation(app_configs, **options):
    """E002 when the package of the same import name is installed beside this one: both write
    to one folder, so that it is left to chance whose file is there."""
    try:
        metadata.distribution("auth0-oauth-client")
    except metadata.PackageNotFoundError:
        return []
    return [
        checks.Error(
            "auth0-oauth-client and a0-django are both installed, in the same folder",
            hint="pip uninstall auth0-oauth-client, then pip install --force-reinstall a0-django.",
            id="auth0_oauth_client.E002",
        )
    ]


@checks.register("auth0_oauth_client")
def check_linking(app_configs, **options):
    """W002 where no view can link accounts: on SQLite nothing is committed beside a
    transaction that is open, and the journal of a link has to be before Auth0 is asked."""
    from .models import SealedRow

    alias = router.db_for_write(SealedRow)
    try:
        links = settings.value_of("linking") != "off" and settings.value_of("connections_for_account_linking")
    except Auth0OauthClientImproperlyConfigured:
        return []
    is_atomic = connections.settings[alias]["ATOMIC_REQUESTS"]
    if not links or not is_atomic or connections[alias].vendor != "sqlite":
        return []
    return [
        checks.Warning(
            "ATOMIC_REQUESTS keeps views from linking accounts on SQLite",
            hint="Put transaction.non_atomic_requests on the views that link, or use PostgreSQL.",
            id="auth0_oauth_client.W002",
        )
    ]


@checks.register("auth0_oauth_client")
def check_sessions(app_configs, **options):
    """W003 when sessions are pickled: whoever can write one can run code [SESS-17]."""
    if "pickle" not in django_settings.SESSION_SERIALIZER.lower():
        return []
    return [
        checks.Warning(
            "SESSION_SERIALIZER unpickles what it finds",
            hint="Use django.contrib.sessions.serializers.JSONSerializer.",
            id="auth0_oauth_client.W003",
        )
    ]


@checks.register("auth0_oauth_client")
def check_session_cookie(app_configs, **options):
    """W004 when the cookie of the session does not come along with people whom Auth0 sends
    back, so that nobody's sign-in is ever completed."""
    if django_settings.SESSION_COOKIE_SAMESITE != "Strict":
        return []
    return [
        checks.Warning(
            'SESSION_COOKIE_SAMESITE = "Strict" keeps every sign-in from being completed',
            hint='Use "Lax": whoever comes back from Auth0 comes from another site.',
            id="auth0_oauth_client.W004",
        )
    ]
