"""What a link to the sign-in may ask for. Anybody can make one, so it carries hints alone, and
a connection that the project has named; anything else is refused [AUTHZ-02, AUTHZ-08]."""

import logging

from django.core import signing

from . import settings
from .client import auth_client
from .errors import InvalidArgumentOauthClientError

logger = logging.getLogger("auth0_oauth_client")

SALT = "auth0_oauth_client.login.connection.1"

HINTS = {
    "login_hint",
    "screen_hint",
    "ui_locales",
    "prompt",
    "max_age",
    "acr_values",
    "organization",
    "invitation",
}

# Where to go on afterwards; the second as OpenID Connect calls it.
TARGETS = ("next", "target_link_uri")

# It comes with Auth0's invitations, beside the id.
IGNORED = {"organization_name"}


def sign(connection):
    """The value of ``connection`` in a link on a page of the project."""
    return connection if connection in _named() else signing.Signer(salt=SALT).sign(connection)


def read(query):
    """Parameters for ``/authorize`` and where to go on, not checked yet (str or None).

    Args:
        query (QueryDict): of the link.

    Raises:
        InvalidArgumentOauthClientError: it asks for more than it may.
    """
    asked = {}
    for name, values in query.lists():
        if len(values) != 1:
            raise _refused(name, "it is there more than once")
        if name == "connection" and values[0]:
            asked[name] = _connection(values[0])
        elif name == "iss":
            # Whoever starts a sign-in from elsewhere names our issuer.
            if values[0] != auth_client.my_account_audience.removesuffix("me/"):
                raise _refused(name, "it is another issuer")
        elif name in HINTS and values[0]:
            asked[name] = values[0]
        elif name not in {"connection", *HINTS, *TARGETS, *IGNORED}:
            raise _refused(name, "no link may say it")
    return asked, next((query[name] for name in TARGETS if query.get(name)), None)


def _connection(value):
    if value in _named():
        return value
    try:
        return signing.Signer(salt=SALT).unsign(value)
    except signing.BadSignature:
        raise _refused("connection", "no setting names it, and auth0_login_url did not make it") from None


def _named():
    """Connections that the settings name, for whatever."""
    default = settings.value_of("authorization_params").get("connection")
    names = {
        "connections_for_account_linking",
        "confirm_only_connections",
        "custom_scopes",
        "provider_friendly_names",
    }
    return {default}.union(*(settings.value_of(name) for name in names))


def _refused(name, why):
    logger.warning("a link to the sign-in was refused: %.80r: %s", name, why)
    return InvalidArgumentOauthClientError(name, why)
