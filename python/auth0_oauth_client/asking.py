"""What a person is asked to connect, signed: which account, with which scopes, and where
to go on. A link that somebody else made asks for nothing [CONN-03]."""

from django.core import signing

from .client import auth_client

SALT = "auth0_oauth_client.connect.1"
LIFETIME_S = 3600


def sign(request, connection, scopes=(), return_to=None):
    """A text for the ``ask`` parameter of the connect view, good for one hour and for the
    person who is signed in.

    Args:
        request (HttpRequest): of that person.
        connection (str): for example ``"google-oauth2"``.
        scopes (Iterable[str]): beside the ``custom_scopes``.
        return_to (str | None): a path of this site.
    """
    person = auth_client.get_idp_username(request)
    return signing.dumps([person, connection, list(scopes), return_to], salt=SALT, compress=True)


def read(request, ask):
    """What was signed: ``(connection, scopes, return_to)``; None for anything else."""
    try:
        person, connection, scopes, return_to = signing.loads(ask, salt=SALT, max_age=LIFETIME_S)
    except (signing.BadSignature, ValueError):
        return None
    if person is None or person != auth_client.get_idp_username(request):
        return None
    return connection, scopes, return_to
