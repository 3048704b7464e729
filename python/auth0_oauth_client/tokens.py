"""The refresh tokens in :class:`.models.AccountToken`, by user."""

from . import store
from .client import auth_client
from .errors import Auth0OauthClientError, untraced


def kept(user_id):
    """The newest refresh token of a user, a secret str, or None.

    Raises:
        Auth0OauthClientError: the database could not be asked.
    """
    try:
        return auth_client._core.refresh_token_of(user_id)
    except Auth0OauthClientError as error:
        if error.id != "refresh_token_missing":
            raise
        return None


@untraced
def keep(user_id, refresh_token):
    """Keeps a token as the newest of a user, in the caller's transaction.

    Raises:
        InvalidArgumentOauthClientError: no id of a user, or no token.
    """
    with store.in_callers_transaction():
        auth_client._core.keep_refresh_token(user_id, refresh_token)
