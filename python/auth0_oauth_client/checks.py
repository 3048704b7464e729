"""System checks of the settings and of what sessions stand on."""

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
