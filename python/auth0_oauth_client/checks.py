"""System checks of the settings and of what is installed."""

from importlib import metadata

from django.core import checks

from . import settings
from .errors import Auth0OauthClientImproperlyConfigured


@checks.register("auth0_oauth_client")
def check_settings(app_configs, **options):
    """E001 for each fault; W001 for each name that no setting has."""
    from .client import make_core

    try:
        unknown = settings.unknown_names()
        make_core()
    except Auth0OauthClientImproperlyConfigured as error:
        return [checks.Error(fault, id="auth0_oauth_client.E001") for fault in error.faults]
    return [
        checks.Warning(
            f"{settings.NAME}: {name} is no setting",
            hint="docs/settings.md lists the settings; this one has no effect.",
            id="auth0_oauth_client.W001",
        )
        for name in unknown
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
