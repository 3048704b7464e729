"""What a view needs before it runs. For plain views and for ``async`` ones."""

from functools import wraps

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth import SESSION_KEY as DJANGO_USER
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from . import asking
from .client import auth_client
from .errors import (
    AccessTokenForConnectionErrorCode,
    Auth0OauthClientError,
    FederatedConnectionRefreshTokenNotFound,
)

CONNECT_AGAIN = {
    AccessTokenForConnectionErrorCode.RECONNECT,
    AccessTokenForConnectionErrorCode.SCOPE_MISSING,
}


def login_required(view):
    """Sends whoever is not signed in to the sign-in, and back again afterwards.

    Args:
        view: gets the request first.

    Raises:
        PermissionDenied: the site has made the person's user inactive, or deleted it; the
            sign-in has ended.
    """

    def before(request):
        return None if _is_signed_in(request) else _to_login(request)

    return _guarded(view, before)


def connection_required(connection, scopes=(), login_hint=None):
    """Gives the view a token of the provider; sends the person to connect what is missing.

    The token set is then ``request.auth0.connection_tokens[connection]``, so the
    middleware must be on. Nobody signed in: to the sign-in.

    Args:
        connection (str): for example ``"google-oauth2"``.
        scopes (Iterable[str]): what the token must be good for.
        login_hint (Callable[[HttpRequest], str | None] | None): which of several accounts:
            gives the id at the provider, or None where there is one.

    Raises:
        PermissionDenied: as :func:`login_required`.
        Auth0OauthClientError: what a person can not mend by signing in or connecting, as that
            there are several accounts (``vault_account_ambiguous``) or Auth0 does not answer.
    """
    wanted = tuple(scopes)

    def before(request):
        if not _is_signed_in(request):
            return _to_login(request)
        hint = login_hint(request) if login_hint else None
        try:
            token = auth_client.get_access_token_for_connection(request, connection, login_hint=hint)
        except FederatedConnectionRefreshTokenNotFound:
            return _to_connect(request, connection, wanted)
        except Auth0OauthClientError as error:
            if error.code in CONNECT_AGAIN:
                return _to_connect(request, connection, {*wanted, *error.missing_scopes})
            if error.outcome == "A0_LOGIN_REQUIRED":
                return _to_login(request)
            raise
        granted = (token.get("scope") or "").split()
        # A provider that does not say what it granted is taken at its word.
        if granted and not set(wanted) <= set(granted):
            return _to_connect(request, connection, wanted)
        request.auth0.connection_tokens[connection] = token
        return None

    return lambda view: _guarded(view, before)


def _is_signed_in(request):
    """With Auth0; and Django, where it has a user, lets that user in still [SESS-15]."""
    user = getattr(request, "user", None)
    if user is not None and not user.is_authenticated and DJANGO_USER in request.session:
        logout(request)
        raise PermissionDenied("this user is not active any more")
    return auth_client.get_idp_username(request) is not None


def _guarded(view, before):
    if iscoroutinefunction(view):

        @wraps(view)
        async def guarded(request, *args, **kwargs):
            answer = await sync_to_async(before, thread_sensitive=True)(request)
            return answer if answer is not None else await view(request, *args, **kwargs)

    else:

        @wraps(view)
        def guarded(request, *args, **kwargs):
            answer = before(request)
            return answer if answer is not None else view(request, *args, **kwargs)

    return guarded


def _here(request):
    """Where to come back to: a form that was sent can not be sent again by a redirect."""
    return request.get_full_path() if request.method in ("GET", "HEAD") else None


def _to_login(request):
    query = {"next": here} if (here := _here(request)) else {}
    return HttpResponseRedirect(f"{reverse('auth0_oauth_client:login')}?{urlencode(query)}".rstrip("?"))


def _to_connect(request, connection, scopes):
    ask = asking.sign(request, connection, sorted(scopes), _here(request))
    return HttpResponseRedirect(f"{reverse('auth0_oauth_client:connect')}?{urlencode({'ask': ask})}")
