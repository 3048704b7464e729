"""Ready-made views over the client, one function an address of :mod:`.urls`.

What changes something is a POST or a DELETE under Django's CSRF protection; what comes
back from Auth0 is a GET whose ``state`` belongs to the browser.
"""

import logging
from functools import wraps

from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import asking, login_links, names, readiness, reports
from .backends import Auth0Backend
from .client import auth_client
from .errors import Auth0OauthClientError

logger = logging.getLogger("auth0_oauth_client")


def page(view):
    """Nothing of it is kept anywhere, no site has it in a frame or hears of its address, and a
    failure becomes a page with the next step [CB-12]."""

    @never_cache
    @xframe_options_deny
    @wraps(view)
    def answered(request, *args, **kwargs):
        try:
            answer = view(request, *args, **kwargs)
        except Auth0OauthClientError as error:
            answer = _failure(request, error)
        # Not "no-referrer": without one, Django takes no form over https.
        answer.headers.setdefault("Referrer-Policy", "same-origin")
        return answer

    return answered


def api(view):
    """As :func:`page`, in JSON."""

    @never_cache
    @wraps(view)
    def answered(request, *args, **kwargs):
        try:
            if auth_client.get_idp_username(request) is None:
                return JsonResponse({"error": "missing_session", "message": _("Please sign in.")}, status=401)
            return view(request, *args, **kwargs)
        except Auth0OauthClientError as error:
            return JsonResponse(
                {"error": error.id or error.code, "message": str(error)}, status=error.http_status
            )

    return answered


# ---- signing in and out ----


@require_GET
@page
def login(request):
    """Sends the browser to Auth0; ``next`` is where to go on afterwards. Any site may lead
    here, so that it never answers the question of :func:`link`."""
    params, return_to = login_links.read(request.GET)
    return_to = _safe(request, return_to)
    return HttpResponseRedirect(
        auth_client._start_login(request, _callback_address(request), params, return_to, link_id="")
    )


@transaction.non_atomic_requests
@require_GET
@page
@sensitive_variables("_tokens")
def callback(request):
    """Where the browser comes back to from a sign-in, a confirmation or a connect. A sign-in
    is good whatever comes of linking, except when it confirmed by the wrong account."""
    reports.conceal(request)
    address = request.build_absolute_uri()
    if auth_client._callback_purpose(request, address) == "connect":
        _account, return_to = auth_client._complete_connect(request, address)
        return HttpResponseRedirect(_home(request, return_to))
    _tokens, return_to = auth_client._complete_login(request, address)
    notice = _link(request)
    if notice is None:
        return _enter(request, HttpResponseRedirect(_home(request, return_to)))
    answer = _tell(request, notice, return_to)
    return answer if notice == WRONG_ACCOUNT else _enter(request, answer)


@require_http_methods(["GET", "POST"])
@page
def logout(request):
    """GET shows a button; POST signs out, here and at Auth0."""
    if request.method == "GET":
        return render(request, "auth0_oauth_client/logout.html", {"home": _home(request, None)})
    return_to = request.build_absolute_uri(resolve_url(settings.LOGOUT_REDIRECT_URL or "/"))
    address = auth_client.logout(request, return_to)
    auth.logout(request)
    return HttpResponseRedirect(address)


@require_GET
@api
def me(request):
    """The verified claims of whoever is signed in, and the CSRF token for the rest."""
    return JsonResponse({"user": auth_client.get_user_info(request), "csrf_token": get_token(request)})


# ---- connected accounts ----


@require_http_methods(["GET", "POST"])
@page
def connect(request):
    """GET explains and shows a button; POST sends the browser to the provider. What is asked
    for comes signed from a page of ours, see :mod:`.asking`."""
    fields = request.GET if request.method == "GET" else request.POST
    asked = asking.read(request, fields.get("ask", ""))
    if asked is None:
        return _message(
            request,
            _("This link no longer works"),
            _("It was made for another sign-in, or more than an hour ago."),
            _home(request, None),
            _("Go on"),
            status=400,
        )
    connection, scopes, return_to = asked
    if request.method == "GET":
        return render(
            request,
            "auth0_oauth_client/connect.html",
            {
                "ask": fields["ask"],
                "name": names.friendly_name(connection),
                "scopes": scopes,
                "home": _home(request, None),
            },
        )
    return HttpResponseRedirect(
        auth_client._start_connect(
            request, connection, _callback_address(request), scopes, None, _safe(request, return_to)
        )
    )


@require_GET
@api
def connected_accounts(request):
    """The connected accounts of the person."""
    return JsonResponse({"accounts": auth_client.list_connected_accounts(request)})


@require_GET
@api
def connections(request):
    """The connections of which an account can be connected."""
    return JsonResponse({"connections": auth_client.list_connected_account_connections(request)})


@require_http_methods(["DELETE"])
@api
def connected_account(request, connected_account_id):
    """Removes a connected account of the person."""
    auth_client.delete_connected_account(request, connected_account_id)
    return JsonResponse({}, status=200)


# ---- linking ----

# What a person is told of it, as the address of the page has it.
QUESTION, LINKED, CANCELLED, NOT_LINKED, WRONG_ACCOUNT = "", "linked", "cancelled", "not_linked", "wrong_account"


@require_GET
@page
def link(request):
    """Asks whether the account that was there first is the person's too, and tells what came
    of it."""
    return_to = _next(request)
    pending = auth_client.pending_account_linking(request)
    if pending is not None:
        context = {"pending": pending, "next": return_to or ""}
        return render(request, "auth0_oauth_client/link.html", context)
    return _notice(request, request.GET.get("notice"), return_to)


@require_POST
@page
def link_confirm(request):
    """Yes: sends the browser to sign in with the account that was there first."""
    pending = _asked(request)
    if pending is None:
        return _notice(request, NOT_LINKED, _next(request), status=409)
    params = {"connection": pending["primary_connection_name"]}
    return HttpResponseRedirect(
        auth_client._start_login(
            request, _callback_address(request), params, _next(request), link_id=pending["id"]
        )
    )


@require_POST
@page
def link_cancel(request):
    """No: both accounts stay as they are."""
    if _asked(request) is None:
        return _notice(request, NOT_LINKED, _next(request), status=409)
    auth_client.cancel_account_linking(request)
    return _tell(request, CANCELLED, _next(request))


def _link(request):
    """What the person is to be told after a sign-in; None when nothing came of it that they
    may know."""
    try:
        answer = auth_client.complete_account_linking(request)
    except Auth0OauthClientError:
        logger.exception("a confirmed link could not be made")
        return NOT_LINKED
    if answer is None:
        return _verify(request)
    if answer["success"]:
        return LINKED
    return WRONG_ACCOUNT if answer["used_different_account"] else NOT_LINKED


def _verify(request):
    try:
        answer = auth_client.verify_account_linking(request)
    except Auth0OauthClientError:
        logger.exception("whether accounts are to be linked could not be found out")
        return None
    return QUESTION if answer["is_pending_account_linking"] else None


def _asked(request):
    """The question that a form answers, or None when another one waits, or none any more."""
    pending = auth_client.pending_account_linking(request)
    return pending if pending is not None and request.POST.get("id") == pending["id"] else None


def _tell(request, notice, return_to):
    """Sends the browser to the page that tells it, or asks."""
    query = {"notice": notice, "next": _safe(request, return_to)}
    query = urlencode({name: value for name, value in query.items() if value})
    return HttpResponseRedirect(f"{reverse('auth0_oauth_client:link')}?{query}".rstrip("?"))


def _notice(request, notice, return_to, status=200):
    address, button = _home(request, return_to), _("Go on")
    if notice == LINKED:
        title = _("Your accounts are one now")
        text = _("From now on, either way of signing in leads to the same account.")
    elif notice == CANCELLED:
        title = _("Both accounts stay as they were")
        text = _("Nothing was changed. You can bring them together another time.")
    elif notice == NOT_LINKED:
        title = _("The accounts were not brought together")
        text = _(
            "It took too long, or something has changed meanwhile. Nothing is lost; you can "
            "try again at your next sign-in."
        )
    elif notice == WRONG_ACCOUNT:
        title = _("That was another account")
        text = _(
            "You signed in with an account that is not the one in question. Nothing was changed, "
            "and you are signed out."
        )
        address, button = _login_address(return_to), _("Sign in")
    else:
        return HttpResponseRedirect(address)
    return _message(request, title, text, address, button, status=status)


# ---- for machines ----


@csrf_exempt
@never_cache
@require_POST
def backchannel_logout(request):
    """Auth0 says that somebody signed out (OpenID Connect Back-Channel Logout 1.0). Register
    this address at the application in Auth0."""
    reports.conceal(request)
    if request.content_type != "application/x-www-form-urlencoded":
        return JsonResponse({"error": "invalid_request"}, status=415)
    tokens = request.POST.getlist("logout_token")
    if len(tokens) != 1:
        return JsonResponse({"error": "invalid_request"}, status=400)
    try:
        auth_client.handle_backchannel_logout(tokens[0])
    except Auth0OauthClientError as error:
        status = 503 if error.http_status >= 500 else 400
        return JsonResponse({"error": "invalid_request", "error_description": str(error)}, status=status)
    return JsonResponse({}, status=200)


@never_cache
@require_GET
def health(request):
    """200 when Auth0 gives this application its token, else 503; asked at most every ten
    seconds, however often this is."""
    answer = readiness.look()
    return JsonResponse(answer, status=200 if answer["ok"] else 503)


# ---- parts ----


def _login_address(return_to):
    query = urlencode({"next": return_to}) if return_to else ""
    return f"{reverse('auth0_oauth_client:login')}?{query}".rstrip("?")


def _callback_address(request):
    return request.build_absolute_uri(reverse("auth0_oauth_client:callback"))


def _safe(request, address):
    """A place on this site, or None [GW-09]."""
    is_ours = address and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else None


def _next(request):
    return _safe(request, request.GET.get("next") or request.POST.get("next"))


def _home(request, return_to):
    """Checked when it was kept, and again: the configuration may have changed since."""
    return _safe(request, return_to) or resolve_url(settings.LOGIN_REDIRECT_URL)


def _has_backend():
    return any(isinstance(backend, Auth0Backend) for backend in auth.get_backends())


def _enter(request, answer):
    """Makes Django's own user the same person, where the project has our backend."""
    if _has_backend():
        user = auth.authenticate(request, auth0=True)
        if user is None:
            if auth_client.get_idp_username(request) is None:
                return answer  # linking has signed them out
            auth_client.logout(request)
            auth.logout(request)
            return _message(
                request,
                _("You can not sign in here"),
                _("This site does not let your account in, or not any more. Please ask whoever runs it."),
                "/",
                _("To the start"),
                status=403,
            )
        auth.login(request, user)
    return answer


def _message(request, title, text, address, button, status=200):
    context = {"title": title, "text": text, "address": address, "button": button}
    return render(request, "auth0_oauth_client/message.html", context, status=status)


def _failure(request, error):
    """A page for whatever went wrong; what Auth0 wrote is for the log, not for it."""
    if error.code == "access_denied":
        title, text = _("That was cancelled"), _("Nothing was changed.")
    elif error.http_status in (502, 503, 504):
        title, text = _("The sign-in service does not answer"), _("Please try again in a minute.")
    elif error.code == "missing_transaction_error":
        title, text = _("This took too long"), _("Please begin again.")
    else:
        title, text = _("That did not work"), _("Please begin again.")
    address, button = reverse("auth0_oauth_client:login"), _("Sign in")
    if _is_known(request):
        address, button = _home(request, None), _("Go on")
    return _message(request, title, text, address, button, status=error.http_status)


def _is_known(request):
    """Whether somebody is signed in; not when what went wrong is that nobody can say."""
    try:
        return auth_client.get_idp_username(request) is not None
    except Auth0OauthClientError:
        return False


