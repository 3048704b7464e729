"""What people call a provider."""

from django.utils.translation import gettext_lazy as _

from . import settings

NAMES = {
    "apple": "Apple",
    "auth0": _("E-mail and password"),
    "bitbucket": "Bitbucket",
    "box": "Box",
    "dropbox": "Dropbox",
    "email": _("Code by e-mail"),
    "facebook": "Facebook",
    "github": "GitHub",
    "google-apps": "Google Workspace",
    "google-oauth2": "Google",
    "linkedin": "LinkedIn",
    "salesforce": "Salesforce",
    "slack": "Slack",
    "sms": _("Code by text message"),
    "spotify": "Spotify",
    "twitter": "X",
    "Username-Password-Authentication": _("E-mail and password"),
    "waad": "Microsoft Entra ID",
    "windowslive": "Microsoft",
}


def friendly_name(connection):
    """How people call a connection or provider (str): by the setting
    ``provider_friendly_names``, else one of the names above, else as it is called itself."""
    configured = settings.value_of("provider_friendly_names").get(connection)
    return str(configured or NAMES.get(connection, connection))
