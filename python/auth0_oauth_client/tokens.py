"""The refresh tokens in :class:`.models.AccountToken`, by user."""

from django.db import router, transaction
from django.db.models import F

from . import store
from .client import auth_client
from .errors import Auth0OauthClientError
from .models import AccountToken


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


def keep(user_id, refresh_token):
    """Keeps a token as the newest of a user, in the caller's transaction.

    Raises:
        InvalidArgumentOauthClientError: no id of a user, or no token.
    """
    with store.in_callers_transaction():
        auth_client._core.keep_refresh_token(user_id, refresh_token)


def seal_anew(user_id):
    """Seals the kept token of a user under the newest key; whether there is one.

    The write that changes nothing keeps other writers out until the end.

    Raises:
        Auth0OauthClientError: none of the keys opens it.
    """
    alias = router.db_for_write(AccountToken)
    rows = AccountToken.objects.using(alias).filter(user_id=user_id)
    with transaction.atomic(using=alias), store.in_callers_transaction():
        if not rows.update(user_id=F("user_id")):
            return False
        auth_client._core.keep_refresh_token(user_id, auth_client._core.refresh_token_of(user_id))
    return True
