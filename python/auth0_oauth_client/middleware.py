"""``request.auth0``, and one identity in Django's session and ours."""

from inspect import iscoroutine

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, load_backend, logout
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from . import reports, sessions
from .client import auth_client


class RequestAuth0:
    """What views and templates ask most, as ``request.auth0``; each is one look into the
    database and never a request to Auth0.

    Attributes:
        connection_tokens (dict[str, ConnectionToken]): filled by
            :func:`.decorators.connection_required`. Secrets: never render them.
    """

    def __init__(self, request):
        self._request = request
        self.connection_tokens = {}

    def __repr__(self):
        return "<RequestAuth0>"

    @property
    def user_id(self):
        """Auth0's id of the person (str), or None."""
        return auth_client.get_idp_username(self._request)

    @property
    def is_signed_in(self):
        """Whether somebody is signed in (bool)."""
        return self.user_id is not None

    @property
    def user_info(self):
        """The verified claims (dict), or None."""
        return auth_client.get_user_info(self._request)


class Auth0Middleware:
    """Goes behind Django's ``AuthenticationMiddleware``.

    A user whom :class:`.backends.Auth0Backend` let in is signed in only while our session
    is: what ended at Auth0 (back-channel logout), by a link or on another device, ends
    Django's sign-in too [SESS-09]. Asked only when a view asks for the user.

    A server does not start with faults in the settings; all of them are named.

    An answer that was made for somebody, or that changes the session, is kept by nobody: not
    by a cache on the way, nor for the way back after a sign-out [SESS-10, SESS-11].

    Reports of errors show no values of a request that comes back from Auth0 [SEC-03].
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response):
        # A server runs no system checks: here a fault of the settings comes out as it starts.
        auth_client._core
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request):
        if reports.looks_like_callback(request):
            reports.conceal(request)
        request.auth0 = RequestAuth0(request)
        if hasattr(request, "user"):
            self._watch(request)
        answer = self.get_response(request)
        return self._later(request, answer) if iscoroutine(answer) else _private(request, answer)

    async def _later(self, request, answer):
        return _private(request, await answer)

    def _watch(self, request):
        before = request.user
        request.user = SimpleLazyObject(lambda: self._user(request, before))

        async def auser():
            return await sync_to_async(self._evaluated)(request)

        request.auser = auser

    def _evaluated(self, request):
        bool(request.user.is_authenticated)
        return request.user

    def _user(self, request, user):
        if not user.is_authenticated or not came_by_us(request) or sessions.is_same_person(request):
            return user
        request.user = user  # logout() looks at it, and it is not to look here again
        logout(request)
        return request.user


def _private(request, answer):
    session = getattr(request, "session", None)
    if session is not None and session.accessed:
        if session.modified or not sessions.is_anonymous(request):
            patch_cache_control(answer, private=True, no_store=True)
    return answer


def came_by_us(request):
    """Whether Django's user was let in by our backend."""
    from .backends import Auth0Backend

    path = request.session.get(BACKEND_SESSION_KEY, "")
    try:
        return isinstance(load_backend(path), Auth0Backend)
    except ImportError:
        return False
