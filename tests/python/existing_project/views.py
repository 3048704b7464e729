"""Views in the documented interface alone."""

from auth0_oauth_client import Auth0PingError, auth_client
from auth0_oauth_client.errors import (
    ApiOauthClientError,
    FederatedConnectionRefreshTokenNotFound,
    MissingRequiredArgumentOauthClientError,
)
from auth0_oauth_client.models import AccountToken, ConnectedAccount
from django.contrib.auth import logout as django_logout
from django.http import HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse


def login_view(request):
    callback_url = request.build_absolute_uri(reverse("auth:callback"))
    params = {"connection": request.GET["connection"]} if "connection" in request.GET else None
    return redirect(auth_client.start_login(request, callback_url, params))


def callback_view(request):
    callback_url = request.build_absolute_uri(request.get_full_path())
    try:
        if "connect_code" in request.GET:
            auth_client.complete_connect_account(request, callback_url)
        else:
            auth_client.complete_login(request, callback_url)
    except (ApiOauthClientError, MissingRequiredArgumentOauthClientError) as error:
        return HttpResponseBadRequest(error.code)
    return redirect("/dashboard/")


def logout_view(request):
    return_to = request.build_absolute_uri("/")
    logout_url = auth_client.logout(request, return_to=return_to)
    django_logout(request)
    return redirect(logout_url)


def connect_view(request, connection):
    return redirect(
        auth_client.start_connect_account(
            request,
            connection=connection,
            redirect_uri=request.build_absolute_uri(reverse("auth:callback")),
            scopes=["openid"],
            authorization_params={"prompt": "consent"},
        )
    )


def disconnect_view(request, account_id):
    auth_client.delete_connected_account(request, account_id)
    return redirect("/dashboard/")


def dashboard_view(request):
    user_id = auth_client.get_idp_username(request)
    if user_id is None:
        return JsonResponse({"user": None, "refresh_token": auth_client.get_refresh_token(request)})
    return JsonResponse({
        "user": auth_client.get_user_info(request),
        "profile": auth_client.get_user_by_id(user_id)["email"],
        "accounts": auth_client.list_connected_accounts(request),
        "connections": auth_client.list_connected_account_connections(request),
        "rows": list(ConnectedAccount.objects.filter(user_id_owner=user_id).values(
            "connected_account_id", "provider", "is_account_linked"
        )),
        "audience": auth_client.my_account_audience,
        "has_token": AccountToken.objects.filter(user_id=user_id).exists(),
    })


def token_view(request, connection):
    # Work without a browser: with the token that is kept of the user.
    kept = AccountToken.objects.get(user_id=auth_client.get_idp_username(request))
    try:
        token = auth_client.get_access_token_for_connection_using_user_refresh_token(
            kept.refresh_token, connection
        )
    except FederatedConnectionRefreshTokenNotFound as error:
        return JsonResponse({"code": error.code, "error": error.error, "has_cause": error.cause is not None})
    return JsonResponse({"scope": token["scope"], "has_token": bool(token["access_token"])})


def health_view(request):
    try:
        answer = auth_client.ping(timeout=5.0, required_scopes=frozenset(request.GET.getlist("scope")))
    except Auth0PingError as error:
        return JsonResponse(
            {"stage": error.stage, "missing": sorted(error.missing_scopes or ())}, status=503
        )
    return JsonResponse(answer)
