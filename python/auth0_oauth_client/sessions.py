"""The session of the core that belongs to a session of Django.

``request.session`` holds a random handle and, keyed, whose it is; everything else is a
sealed row that the handle opens. So it does not matter where Django keeps its sessions:
no token is in them, a parallel request that saves an old one brings nothing back, and
what has been ended stays ended [SESS-12, SESS-17].
"""

import base64
import json
import logging

from django.conf import settings
from django.contrib.auth import SESSION_KEY as DJANGO_USER
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.signals import request_finished, request_started
from django.dispatch import receiver
from django.utils.crypto import constant_time_compare, salted_hmac

from .errors import Auth0OauthClientError, InvalidArgumentOauthClientError, untraced
from .store import close_own_connections

NAME = "_auth0_oauth_client"
HANDLE_SALT = "auth0_oauth_client.handle.1"
PERSON_SALT = "auth0_oauth_client.person.1"

LONGEST_KEY = 64  # what is longer is the content of a cookie, and changes with it
FORMER_SALT = "auth0_oauth_client.former.1"

# What the package of the same name kept here. Its sign-ins are taken over once; sign-ins
# that it had opened have no nonce, and what it had found to be linked is not proved.
FORMER = "_auth0_oauth_client_session"
FORMER_NAMES = (FORMER, "_auth0_oauth_client_tx", "_auth0_oauth_client_al_tx")

# Of failures that say nothing about the person.
NO_VERDICT = ("A0_UNAVAILABLE", "A0_PROTOCOL", "A0_STORE", "A0_NO_MEMORY", "A0_INTERNAL")

logger = logging.getLogger("auth0_oauth_client")


def _kept(request):
    kept = request.session.get(NAME)
    return kept if isinstance(kept, dict) else {}


def _derived_handle(request):
    """The handle of a browser that has none yet, out of the key of its session, or what its
    cookie says: so that sign-ins that start at the same instant belong to the same browser
    [SESS-07]. None where there is neither."""
    key = request.session.session_key
    if not key:
        return None
    return _handle_of(HANDLE_SALT, key)


def _secret_keys():
    """The newest first; of those that only open the oldest stands last."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _handle_of(salt, value):
    """The same before and after a SECRET_KEY is put in front of the others [SESS-06]."""
    digest = salted_hmac(salt, value, secret=_secret_keys()[-1], algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _person(user_id, secret=None):
    return salted_hmac(PERSON_SALT, user_id, secret=secret, algorithm="sha256").hexdigest()[:32]


def _is_person(kept, user_id):
    """Whether what was kept is that person's, under whichever key."""
    return any(constant_time_compare(kept, _person(user_id, key)) for key in _secret_keys())


def _drop_former(request):
    for name in FORMER_NAMES:
        request.session.pop(name, None)


def _former_login(kept):
    """The handle of a sign-in of the former package, and what is told to Auth0 of it: the
    refresh token, the ``sub`` and when it was. None when it is not of that form."""
    try:
        userinfo = kept["userinfo"]
        facts = kept["refresh_token"], userinfo["sub"], userinfo["iat"]
        claims = json.dumps(userinfo, sort_keys=True)
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return _handle_of(FORMER_SALT, claims), facts


@untraced
def _take_over(core, request):
    """Makes a session of ours of what the former package kept. Requests at the same time
    derive the same handle, and so get one session; a copy that comes back later, in a
    cookie or by a save of another request, finds that session or none [SESS-17].

    Raises:
        Auth0OauthClientError: Auth0 or the database could not be asked; what was kept
            stays for the next request.
    """
    former = _former_login(request.session[FORMER])
    if former is not None and is_anonymous(request):
        handle, facts = former
        session = core.session(handle)
        try:
            session.login_adopt(*facts)
        except Auth0OauthClientError as error:
            if error.outcome in NO_VERDICT:
                raise
            logger.info("a sign-in of the former package was not taken over: %s", error.id)
        if session.is_signed_in:
            request.session[NAME] = {"handle": handle, "person": _person(session.user_id)}
    _drop_former(request)


def open_session(core, request):
    """The session of the core; anonymous when there is none.

    Raises:
        InvalidArgumentOauthClientError: the request has no session.
        Auth0OauthClientError: the database could not be asked; Auth0 could not, about a
            sign-in of the former package.
    """
    if not hasattr(request, "session"):
        raise InvalidArgumentOauthClientError(
            "request", "it must be a request of Django with a session; see SessionMiddleware"
        )
    if FORMER in request.session:
        _take_over(core, request)
    handle = _kept(request).get("handle")
    return core.session(handle or _derived_handle(request))


def open_session_to_end(core, request):
    """The same for a logout, which needs nobody's answer about a former sign-in."""
    try:
        return open_session(core, request)
    except Auth0OauthClientError:
        if FORMER not in getattr(request, "session", ()):
            raise
        _drop_former(request)
    return open_session(core, request)


def is_anonymous(request):
    """Whether nobody can be signed in, as far as our part of Django's session says."""
    return "person" not in _kept(request)


def is_same_person(request):
    """Whether the session behind the handle is still signed in as whom Django's session
    says; one look into the database."""
    from .client import auth_client

    user_id = auth_client.get_idp_username(request)
    person = _kept(request).get("person")
    return user_id is not None and person is not None and _is_person(person, user_id)


def keep_anonymous(request, session):
    """Keeps the handle of a session in which a sign-in was opened, unless the key that it
    is derived from stays what it is."""
    is_key = len(request.session.session_key or "") <= LONGEST_KEY
    if session.is_signed_in or (is_key and session.id == _derived_handle(request)):
        return
    if _kept(request).get("handle") != session.id:
        request.session[NAME] = {"handle": session.id}


def keep_signed_in(request, session):
    """Makes Django's session that of the person who has just signed in, under a new key.

    What a project keeps in it stays when the visitor was anonymous or is the same person,
    and goes when it is another one, with Django's own user [SESS-01, SESS-09].
    """
    before = _kept(request).get("person")
    is_other = before is not None and not _is_person(before, session.user_id)
    # A user of Django who came by other means is not known to be this person.
    if is_other or (before is None and DJANGO_USER in request.session):
        request.session.flush()
    else:
        request.session.cycle_key()
    _drop_former(request)
    request.session[NAME] = {"handle": session.id, "person": _person(session.user_id)}
    request._auth0_kept = request.session[NAME]


def keep_after_link(request, session):
    """Keeps a session that a link may have given to the primary account. A user of Django
    who is signed in was that of the other account, and goes; what an anonymous visitor
    has kept stays. Nobody is left after a confirmation by the wrong account."""
    if not session.is_signed_in:
        request.session.flush()
        request._auth0_kept = None
        return
    if DJANGO_USER not in request.session:
        request.session.pop(NAME, None)
    keep_signed_in(request, session)


def forget(request):
    """Drops the handle, and with it what is no longer anybody's."""
    request.session.pop(NAME, None)
    _drop_former(request)
    request._auth0_kept = None


# ---- together with Django's own user ----


@receiver(user_logged_in, dispatch_uid="auth0_oauth_client.keep")
def _keep_through_login(sender, request, user, **rest):
    """login() of Django empties the session when somebody else was in it. A sign-in of
    this very request survives that."""
    kept = getattr(request, "_auth0_kept", None)
    if kept is not None and NAME not in request.session:
        request.session[NAME] = kept


@receiver(user_logged_out, dispatch_uid="auth0_oauth_client.end")
def _end_with_logout(sender, request, **rest):
    """logout() of Django forgets the handle; what it opened ends too, because a copy of a
    cookie may have kept it."""
    if request is None or not hasattr(request, "session"):
        return
    if is_anonymous(request) and FORMER not in request.session:
        return
    from .client import auth_client

    try:
        auth_client.logout(request)
    except Auth0OauthClientError:
        logger.exception("the session could not be ended with Django's")


@receiver(request_started, dispatch_uid="auth0_oauth_client.started")
@receiver(request_finished, dispatch_uid="auth0_oauth_client.finished")
def _close_connections(**rest):
    close_own_connections()
