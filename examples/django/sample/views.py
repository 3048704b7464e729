"""The pages of the sample: whatever is not ready-made."""

from auth0_oauth_client import auth_client
from auth0_oauth_client.decorators import connection_required, login_required
from auth0_oauth_client.errors import (
    AccessTokenErrorCode,
    AccessTokenForConnectionErrorCode,
    AccessTokenForConnectionOauthClientError,
    AccessTokenOauthClientError,
    Auth0OauthClientError,
)
from auth0_oauth_client.signals import accounts_linked
from django.conf import settings
from django.contrib import messages
from django.dispatch import receiver
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from . import google

# Of docs/linking.md: the rule by which a person is asked.
CONFIRMED = 4


@require_GET
@never_cache
def welcome(request):
    return render(request, "sample/welcome.html")


@require_GET
@never_cache
@login_required
def dashboard(request):
    """Who is signed in, and how they may; what is connected, what can be."""
    context = {"claims": auth_client.get_user_info(request), "ways": _ways_in(request)}
    try:
        context["accounts"] = [_shown(account) for account in auth_client.list_connected_accounts(request)]
        available = auth_client.list_connected_account_connections(request)
    except AccessTokenOauthClientError as error:
        # After a link Auth0 may want to see the person once more before it gives a token.
        context["is_token_missing"] = error.code == AccessTokenErrorCode.MISSING_REFRESH_TOKEN
        context["trouble"] = error
    except Auth0OauthClientError as error:
        # The rest of the page stands without them.
        context["trouble"] = error
    else:
        context["offers"] = [
            {"name": name, "scopes": scopes}
            for name, scopes in settings.CONNECTIONS.items()
            if any(connection["name"] == name for connection in available)
        ]
    return render(request, "sample/dashboard.html", context)


def _ways_in(request):
    """The connections by which the account can be signed in to: more than one after a link."""
    try:
        profile = auth_client.get_user_by_id(auth_client.get_idp_username(request))
    except Auth0OauthClientError:
        return []
    return [identity["connection"] for identity in profile["identities"]]


@receiver(accounts_linked)
def say_so(request, rule, **rest):
    """Tells whoever was not asked. A site that keeps rows by user id would move them here,
    from `secondary_user_id` to `primary_user_id`."""
    if rule != CONFIRMED:
        messages.success(request, "We found your account: both ways of signing in lead to it now.")


@require_GET
@never_cache
def calendar(request):
    """The calendar of the account in the address, or of the only one that is connected."""
    try:
        return _calendar(request)
    except AccessTokenForConnectionOauthClientError as error:
        are_several = error.code == AccessTokenForConnectionErrorCode.ACCOUNT_AMBIGUOUS
        what = "Choose the account whose calendar you want." if are_several else "Google could not be asked."
        messages.error(request, what)
        return redirect("dashboard")


@connection_required(
    "google-oauth2", [settings.CALENDAR_SCOPE], login_hint=lambda request: request.GET.get("account")
)
def _calendar(request):
    """What Google says, asked from here: the token never goes to the browser."""
    token = request.auth0.connection_tokens["google-oauth2"]
    try:
        name, events = google.next_events(token["access_token"])
    except google.CalendarError as error:
        messages.error(request, str(error))
        return redirect("dashboard")
    return render(request, "sample/calendar.html", {"name": name, "events": events})


@require_POST
@login_required
def connect(request):
    """Sends the person to the provider. Nothing is asked for that is not offered here."""
    connection = request.POST.get("connection")
    if connection not in settings.CONNECTIONS:
        return redirect("dashboard")
    scopes = [scope for scope in settings.CONNECTIONS[connection] if scope in request.POST.getlist("scope")]
    try:
        return redirect(
            auth_client.start_connect_account(
                request,
                connection,
                request.build_absolute_uri(reverse("auth0_oauth_client:callback")),
                scopes,
            )
        )
    except Auth0OauthClientError:
        messages.error(request, "The account could not be connected. Please try again.")
        return redirect("dashboard")


@require_POST
@login_required
def disconnect(request):
    try:
        auth_client.delete_connected_account(request, request.POST.get("account"))
    except Auth0OauthClientError:
        messages.error(request, "The account could not be disconnected. Please try again.")
    else:
        messages.success(request, "The account is disconnected.")
    return redirect("dashboard")


def _shown(account):
    """An account as the page shows it: with words for what it may be used for."""
    words = settings.CONNECTIONS.get(account["connection"], {})
    return account | {
        "uses": [words[scope] for scope in account.get("scopes") or () if scope in words],
        "has_calendar": account["connection"] == "google-oauth2",
    }
