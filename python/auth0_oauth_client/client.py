"""The client: every operation, with and without ``await``."""

import json
import logging
import threading
import time
from functools import wraps

from asgiref.sync import sync_to_async
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils import translation
from django.views.decorators.debug import sensitive_variables

from . import _core, log, reports, settings, signals
from .arguments import milliseconds, parameters, required, texts, words
from .errors import (
    Auth0OauthClientError,
    Auth0OauthClientImproperlyConfigured,
    InvalidArgumentOauthClientError,
    untraced,
)

logger = logging.getLogger("auth0_oauth_client")

# How often a process removes expired rows, in seconds.
SWEEP_EVERY = 300

# Settings of Django that the core is made from.
FOLLOWED = {settings.NAME, "SECRET_KEY", "SECRET_KEY_FALLBACKS"}


def make_core(event=log.event):
    """A client of the core with Django's database and cache, and its log unless another
    one is given.

    Raises:
        Auth0OauthClientImproperlyConfigured: with every fault of the settings.
    """
    from .cache import DjangoCache
    from .store import DjangoStore

    faults = settings.faults_here()
    try:
        core = _core.Client(settings.as_json(), DjangoStore(), DjangoCache(), event)
    except Auth0OauthClientImproperlyConfigured as error:
        faults += [fault.removesuffix(settings.PLACE) for fault in error.faults]
    if faults:
        raise Auth0OauthClientImproperlyConfigured(faults=sorted(faults))
    return core


def _translated(payload):
    """Its friendly names in the language of the request."""
    return {
        name: translation.gettext(value) if name.endswith("_friendly_name") else value
        for name, value in payload.items()
    }


def _token_set(token):
    """A token of the core as the operations give it."""
    del token["audience"]  # of Auth0's own tokens; a provider's has none
    expires_at = token["expires_at"]
    return token | {"expires_in": max(0, expires_at - int(time.time())) if expires_at else None}


class DjangoAuthClient:
    """All operations. Make none yourself: ``from auth0_oauth_client import auth_client``.

    It reads the settings at its first use and follows them when tests change them. Any
    thread may use it, and a process that forks may go on using it. Every setting is an
    attribute of the same name; so is ``my_account_audience``.

    Every operation has an async twin named with a leading ``a`` that takes and gives the
    same and does not block the event loop.

    Every operation may raise :class:`.Auth0OauthClientImproperlyConfigured`,
    :class:`.InvalidArgumentOauthClientError` for an argument of the wrong type, and
    :class:`.Auth0OauthClientError` when the database or the network fails; further
    exceptions stand with the operation.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._made = None
        self._sweeps_at = 0.0

    def __repr__(self):
        return "<DjangoAuthClient>"

    def __setattr__(self, name, value):
        if not name.startswith("_") and (name in settings.table() or name == "my_account_audience"):
            raise AttributeError(
                f"{name} is a setting and is not assigned; tests use override_settings({settings.NAME}=…)"
            )
        super().__setattr__(name, value)

    def __getattr__(self, name):
        if name == "my_account_audience":
            domain = self.auth0_domain
            scheme, _, host = domain.rpartition("://")
            return f"{scheme or 'https'}://{host.rstrip('/')}/me/"
        if not name.startswith("_"):
            try:
                return settings.value_of(name)
            except KeyError:
                pass
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def _core(self):
        made = self._made
        if made is None:
            with self._lock:
                made = self._made
                if made is None:
                    made = self._made = make_core()
        return made

    def _follow(self):
        """Reads the settings again at the next use."""
        self._made = None

    def _session(self, request):
        from . import sessions

        return sessions.open_session(self._core, request)

    def _sweep_sometimes(self):
        now = time.monotonic()
        if now < self._sweeps_at:
            return
        first, self._sweeps_at = self._sweeps_at == 0.0, now + SWEEP_EVERY
        if first:
            return
        try:
            self._core.sweep()
        except Auth0OauthClientError:
            logger.exception("expired rows could not be removed")

    # ---- signing in and out ----

    def start_login(self, request, redirect_uri, authorization_params=None):
        """Opens a sign-in; redirect the browser to what this gives.

        Args:
            request (HttpRequest): with a session.
            redirect_uri (str): where Auth0 sends the browser back to; absolute, https (http
                for a loopback host), registered at Auth0.
            authorization_params (dict[str, str] | None): more parameters for
                ``/authorize``; they win over the configured ones. Those that carry
                security are refused.

        Returns:
            str: the address at Auth0.

        Raises:
            MissingRequiredArgumentOauthClientError: no redirect_uri.
            ApiOauthClientError: the tenant could not be asked, or refused.
        """
        return self._start_login(request, redirect_uri, authorization_params, None)

    def _start_login(self, request, redirect_uri, authorization_params, return_to, link_id=None):
        """As above; return_to (str or None) is given back at the end, checked by the caller.
        link_id is the id of what waits and is confirmed, "" where nothing is, None as above."""
        from . import sessions

        required(redirect_uri, "redirect_uri")
        params = parameters(authorization_params)
        session = self._session(request)
        url = session.login_start(redirect_uri, params, return_to, link_id)
        sessions.keep_anonymous(request, session)
        self._sweep_sometimes()
        return url

    def complete_login(self, request, callback_url):
        """Completes a sign-in with the address that the browser came back to.

        The session of Django gets a new key; what the project keeps in it stays unless
        another person was signed in. ``login()`` of Django may follow.

        Args:
            request (HttpRequest): of the browser that began.
            callback_url (str): the whole address, with its query.

        Returns:
            TokenResponse: ``access_token``, ``id_token``, ``refresh_token`` (if granted),
            ``token_type``, ``expires_in`` (seconds), ``expires_at`` (Unix seconds),
            ``scope`` and ``userinfo`` (all verified claims).

        Raises:
            MissingRequiredArgumentOauthClientError: no code or no state.
            MissingTransactionOauthClientError: no sign-in is open in this browser.
            ApiOauthClientError: Auth0 refused, or what it sent can not be accepted.
        """
        return self._complete_login(request, callback_url)[0]

    @sensitive_variables("callback_url", "login")
    def _complete_login(self, request, callback_url):
        """As above; a tuple with the return_to of the start (str or None)."""
        from . import sessions

        reports.conceal(request, callback_url)
        required(callback_url, "code or state")
        session = self._session(request)
        login = session.login_complete(callback_url)
        was_completed, return_to = login.pop("was_completed"), login.pop("return_to")
        login["userinfo"] = json.loads(login["userinfo"] or session.userinfo or "{}")
        if not was_completed:
            sessions.keep_signed_in(request, session)
            signals.signed_in.send_robust(
                type(self), request=request, user_id=session.user_id, user_info=login["userinfo"]
            )
        return {name: value for name, value in login.items() if value is not None}, return_to

    def _callback_purpose(self, request, callback_url):
        """What the transaction of a callback was opened for: "login" or "connect"."""
        return self._session(request).callback_purpose(callback_url)

    def logout(self, request, return_to=None):
        """Ends what is kept for the session; redirect the browser to what this gives.

        Args:
            request (HttpRequest): with a session.
            return_to (str | None): where Auth0 sends the browser; absolute, registered.

        Returns:
            str: the address at Auth0 that ends the session there.
        """
        from . import sessions

        session = sessions.open_session_to_end(self._core, request)
        url = session.logout(return_to or None, False)
        sessions.forget(request)
        return url

    @untraced
    def handle_backchannel_logout(self, logout_token):
        """Ends the sessions that a logout token of Auth0 names (OpenID Connect Back-Channel
        Logout 1.0), in every process that shares the database.

        Args:
            logout_token (str): what was posted as ``logout_token``. It proves itself: the
                view needs no other protection and takes no cookie.

        Returns:
            int: how many sessions were ended; none is fine.

        Raises:
            ApiOauthClientError: the token is not acceptable, or was used before; answer
                with its ``http_status``.
        """
        return self._core.logout_backchannel(required(logout_token, "logout_token"))

    def get_idp_username(self, request):
        """Auth0's id of the person (``sub``), a str, or None when nobody is signed in."""
        return self._session(request).user_id

    def get_user_info(self, request):
        """The verified claims of the ID token, a dict, or None when nobody is signed in."""
        userinfo = self._session(request).userinfo
        return json.loads(userinfo) if userinfo is not None else None

    def get_refresh_token(self, request):
        """The refresh token of the session, a secret str; None when nobody is signed in or
        ``offline_access`` was not granted."""
        session = self._session(request)
        if not session.is_signed_in:
            return None
        try:
            return session.refresh_token()
        except Auth0OauthClientError as error:
            if error.code in ("missing_session", "missing_refresh_token"):
                return None
            raise

    def get_access_token(self, request, audience=None, scope=None):
        """An access token for an API: the kept one while it is valid, else a new one.

        Args:
            request (HttpRequest): of a person who is signed in.
            audience (str | None): the API; None: the configured one.
            scope (str | list[str] | None): None: the configured one.

        Returns:
            str: the token, a secret.

        Raises:
            AccessTokenOauthClientError: ``missing_session``, ``missing_refresh_token`` or
                ``refresh_token_error``; its cause has Auth0's code.
        """
        session = self._session(request)
        return session.access_token(audience or None, words(scope, "scope"))["access_token"]

    # ---- connected accounts ----

    def start_connect_account(
        self, request, connection, redirect_uri, scopes=None, authorization_params=None
    ):
        """Begins to connect an account of another provider; redirect the browser.

        Args:
            request (HttpRequest): of a person who is signed in.
            connection (str): for example ``"google-oauth2"``.
            redirect_uri (str): as of :meth:`start_login`.
            scopes (list[str] | None): asked for beside the ``custom_scopes``.
            authorization_params (dict[str, str] | None): ``login_hint``, ``prompt``,
                ``ui_locales``.

        Returns:
            str: the address at Auth0.

        Raises:
            MissingRequiredArgumentOauthClientError: no connection or redirect_uri.
            AccessTokenOauthClientError: nobody is signed in, or without refresh token.
            MyAccountApiOauthClientError: Auth0 refused.
        """
        return self._start_connect(request, connection, redirect_uri, scopes, authorization_params, None)

    def _start_connect(self, request, connection, redirect_uri, scopes, authorization_params, return_to):
        """As above; return_to (str or None) is given back at the end, checked by the caller."""
        from . import sessions

        required(connection, "connection")
        required(redirect_uri, "redirect_uri")
        scope, params = words(scopes, "scopes"), parameters(authorization_params)
        session = self._session(request)
        url = session.connect_start(connection, redirect_uri, scope, params, return_to)
        sessions.keep_anonymous(request, session)
        return url

    def complete_connect_account(self, request, callback_url):
        """Completes it with the address that the browser came back to.

        Returns:
            ConnectedAccountResponse: Auth0's answer: ``id``, ``connection``, ``scopes``, …

        Raises:
            MissingRequiredArgumentOauthClientError: no connect_code or no state.
            MissingTransactionOauthClientError: nothing is open in this browser.
            ApiOauthClientError: Auth0 refused, or somebody else began.
            MyAccountApiOauthClientError: the My Account API refused.
        """
        return self._complete_connect(request, callback_url)[0]

    def _complete_connect(self, request, callback_url):
        """As above; a tuple with the return_to of the start (str or None)."""
        reports.conceal(request, callback_url)
        required(callback_url, "code or state")
        session = self._session(request)
        answer, return_to = session.connect_complete(callback_url)
        account = json.loads(answer)
        signals.account_connected.send_robust(
            type(self), request=request, user_id=session.user_id, account=account
        )
        return account, return_to

    def list_connected_accounts(self, request):
        """All connected accounts of the person, a list of :class:`.ConnectedAccountResponse`;
        the local records follow it. Raises as of :meth:`start_connect_account`."""
        answer, _ = self._session(request).connect_list()
        return json.loads(answer)

    def list_connected_account_connections(self, request):
        """All connections of which an account can be connected, a list of
        :class:`.AvailableConnection`. Raises as of :meth:`start_connect_account`."""
        answer, _ = self._session(request).connect_connections()
        return json.loads(answer)

    def delete_connected_account(self, request, connected_account_id):
        """Removes a connected account (its id, a str) at Auth0, then here; one that is gone
        counts as removed. Raises as of :meth:`start_connect_account`."""
        required(connected_account_id, "connected_account_id")
        session = self._session(request)
        session.connect_delete(connected_account_id)
        signals.account_disconnected.send_robust(
            type(self),
            request=request,
            user_id=session.user_id,
            connected_account_id=connected_account_id,
        )

    # ---- account linking ----

    def verify_account_linking(self, request):
        """Considers linking after a sign-in, and links where the rules allow it. After a link
        the session is the primary's, under a new key.

        Returns:
            VerifyAccountLinkingResult: ``is_pending_account_linking``,
            ``is_account_linked``, ``refused``, ``rule``, ``primary_user_id``,
            ``secondary_user_id``, ``reauthentication_required``.

        Raises:
            AccountLinkingError: another request is linking, or a link is left half-way; the
                next sign-in or ``repair_account_linking`` finishes it.
        """
        from . import sessions

        session = self._session(request)
        answer = json.loads(session.link_verify())
        was_overtaken = answer["refused"] is not None and not session.is_signed_in
        if answer["is_account_linked"] or was_overtaken:
            sessions.keep_after_link(request, session)
        if answer["is_account_linked"]:
            self._tell_linked(request, answer)
        return answer

    def complete_account_linking(self, request):
        """After a sign-in that confirms: links when the account is the right one.

        Returns:
            CompleteAccountLinkingResult | None: ``success``, and ``used_different_account``
            after the wrong account, which leaves nobody signed in; None when nothing
            waits. Raises as of :meth:`verify_account_linking`.
        """
        from . import sessions

        session = self._session(request)
        was_signed_in = session.is_signed_in
        try:
            answer = session.link_complete()
        except Auth0OauthClientError:
            if was_signed_in and not session.is_signed_in:
                sessions.keep_after_link(request, session)
            raise
        if answer is None:
            return None
        sessions.keep_after_link(request, session)
        answer = json.loads(answer)
        if answer["success"]:
            self._tell_linked(request, answer)
        return answer

    def _tell_linked(self, request, answer):
        signals.accounts_linked.send_robust(
            type(self),
            request=request,
            primary_user_id=answer["primary_user_id"],
            secondary_user_id=answer["secondary_user_id"],
            rule=answer["rule"],
        )

    def pending_account_linking(self, request):
        """What waits for a confirmation, an :class:`.AccountLinkingPayload`, or None. Friendly
        names are in the language of the request."""
        answer = self._session(request).link_pending()
        return json.loads(answer, object_hook=_translated) if answer is not None else None

    def cancel_account_linking(self, request):
        """Drops what waits for a confirmation, if something does."""
        self._session(request).link_cancel()

    def explain_account_linking(self, user_id):
        """What the next sign-in of a user (an id, a str) would do; changes nothing.

        Returns:
            dict: ``linking`` (the setting), ``is_half_way`` (something is finished first),
            ``outcome`` (``nothing``, ``link``, ``pending``, ``refused``), ``rule``, ``reason``,
            ``primary_user_id``, and ``candidates``, each with its ``verdict``.
        """
        return json.loads(self._core.link_explain(required(user_id, "user_id")))

    def audit_account_linking(self, user_ids):
        """What the next sign-in of each of some accounts would do, if they were all there are.

        Args:
            user_ids (Iterable[str]): accounts that share an address; 64 at most.

        Returns:
            dict: ``class`` (``safe``, ``confirm``, ``refused``, ``suspicious``, or None: nothing
            would happen) and ``accounts``, each as of ``explain_account_linking``.
        """
        return json.loads(self._core.link_audit(texts(user_ids, "user_ids")))

    def list_account_linkings(self, user_id=None):
        """The links that stand, of one primary or secondary (an id, a str) or of everybody: a
        list of :class:`.AccountLink`, newest last."""
        return json.loads(self._core.link_list(user_id))["links"]

    def unlink_account(self, user_id, provider, identity_user_id):
        """Takes an identity out of a user again: its account stands as it was, and the two are
        never linked automatically again.

        Args:
            user_id (str): the primary.
            provider (str): of the identity, as in the user's ``identities``.
            identity_user_id (str): its id there, with or without the provider before it.

        Returns:
            dict: ``undone``, ``primary_user_id``, ``secondary_user_id`` and ``lost``, a list of
            what Auth0 does not give back.

        Raises:
            AccountLinkingError: there is no such link, or it could not be undone wholly.
        """
        required(user_id, "user_id")
        required(provider, "provider")
        required(identity_user_id, "identity_user_id")
        return json.loads(self._core.link_undo(user_id, provider, identity_user_id))

    def repair_account_linking(self):
        """Finishes, or takes back, what was left half-way: ``repaired`` and ``left``."""
        return json.loads(self._core.link_repair())

    # ---- what is kept about a user ----

    def export_user(self, user_id):
        """Everything kept here about a user (an id, a str), a dict; never a token."""
        return json.loads(self._core.export_user(required(user_id, "user_id")))

    def erase_user(self, user_id):
        """Removes all of that, sessions first; how much there was, a dict."""
        return json.loads(self._core.erase_user(required(user_id, "user_id")))

    # ---- Token Vault ----

    def get_access_token_for_connection(self, request, connection, *, login_hint=None):
        """The provider's access token for the person of the session.

        Args:
            request (HttpRequest): of a person who is signed in.
            connection (str): for example ``"google-oauth2"``.
            login_hint (str | None): which of several accounts: the id at the provider.

        Returns:
            ConnectionToken: ``access_token``, ``expires_in`` (seconds or None), ``scope``.

        Raises:
            FederatedConnectionRefreshTokenNotFound: let the person connect the account.
            AccessTokenForConnectionOauthClientError: its code says what to do.
            AccessTokenOauthClientError: nobody is signed in, or without refresh token.
        """
        required(connection, "connection")
        return _token_set(self._session(request).vault_token(connection, login_hint, None))

    @untraced
    def get_access_token_for_connection_using_user_refresh_token(
        self, refresh_token, connection, *, login_hint=None
    ):
        """The same by a refresh token (a secret str) that the project keeps, for work without
        a browser. Takes and gives, and raises, as above."""
        required(refresh_token, "refresh_token")
        required(connection, "connection")
        return _token_set(self._core.vault_token(refresh_token, connection, login_hint, None))

    # ---- users ----

    def get_user_by_id(self, user_id):
        """The profile of a user (an id of Auth0, a str), from the cache for
        ``user_cache_ttl`` seconds. A dict, without tokens of identity providers.

        Raises:
            Auth0OauthClientError: ``mgmt_user_not_found``, ``mgmt_*``.
        """
        return json.loads(self._core.user(required(user_id, "user_id"), False))

    def get_users_by_email(self, email):
        """All users with that address, asked afresh: a list of dicts."""
        return [json.loads(user) for user in self._core.users_by_email(required(email, "email"))]

    def update_user(self, user_id, body):
        """Changes a user by a dict of attributes, once; the profile as it is then.

        Raises:
            Auth0OauthClientError: ``mgmt_user_not_found``, ``mgmt_*``; after an ``http_*``
                the change may have been made or not.
        """
        required(user_id, "user_id")
        try:
            attributes = json.dumps(required(body, "body"))
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidArgumentOauthClientError("body", str(error)) from None
        return json.loads(self._core.update_user(user_id, attributes))

    def _list_users(self, after):
        """A page of all users as the search of Auth0 has them: a list of dicts, where the next
        page begins (a str, or None behind the last), and how many were left out because nothing
        can be made of them."""
        users, after, unreadable = self._core.user_list(after)
        return [json.loads(user) for user in users], after, unreadable

    def list_federated_connections_tokensets(self, user_id):
        """What the Token Vault holds for a user, without tokens: a list of dicts."""
        return json.loads(self._core.tokensets(required(user_id, "user_id")))

    # ---- readiness ----

    def ping(self, timeout=5.0, required_scopes=()):
        """Whether the tenant gives a token for the Management API; one request, no cache.

        Args:
            timeout (float): seconds for everything.
            required_scopes (Iterable[str]): what the token must be good for.

        Returns:
            PingResult: ``ok``, ``expires_in`` (seconds), ``granted_scopes`` (list of str),
            ``latency_ms``.

        Raises:
            Auth0PingError: its ``stage`` says what is wrong.
        """
        scope = words(required_scopes, "required_scopes")
        expires_in, latency_ms, granted, _, _ = self._core.ping(milliseconds(timeout, "timeout"), scope)
        return {
            "ok": True,
            "expires_in": expires_in,
            "granted_scopes": granted.split(),
            "latency_ms": latency_ms,
        }

    def _examine(self, callback_url, timeout):
        """What the doctor found: a list of dicts with ``id``, ``outcome`` ("ok", "warning",
        "failed", "not checked"), ``text`` and ``remedy`` (str or None)."""
        found = self._core.doctor(callback_url or None, milliseconds(timeout, "timeout"))
        return [dict(zip(("id", "outcome", "text", "remedy"), check)) for check in found]


def _twin_of(cls, name, method):
    @wraps(method)
    async def twin(self, *args, **kwargs):
        try:
            return await sync_to_async(method, thread_sensitive=True)(self, *args, **kwargs)
        except Auth0OauthClientError as error:
            del args, kwargs  # as of errors.untraced: the frames between hold them too
            raise error.with_traceback(None)

    twin.__name__ = f"a{name}"
    twin.__qualname__ = f"{cls.__qualname__}.a{name}"
    twin.__doc__ = f"As :meth:`{name}`, with ``await``."
    return twin


def _add_async_twins(cls):
    """`astart_login` for `start_login`, and so on. The whole operation runs in the thread
    in which Django's database is used, so that one transaction is not two."""
    for name, method in list(vars(cls).items()):
        if not name.startswith("_") and callable(method):
            setattr(cls, f"a{name}", _twin_of(cls, name, method))


_add_async_twins(DjangoAuthClient)

auth_client = DjangoAuthClient()


@receiver(setting_changed, dispatch_uid="auth0_oauth_client.settings")
def _follow_settings(setting, **rest):
    if setting in FOLLOWED:
        auth_client._follow()
