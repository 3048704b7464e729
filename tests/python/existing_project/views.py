"""Views in the documented interface alone."""

from auth0_oauth_client import Auth0PingError, auth_client
from auth0_oauth_client.errors import (
    ApiOauthClientError,
    FederatedConnectionRefreshTokenNotFound,
    MissingRequiredArgumentOauthClientError,
)
from auth0_oauth_client.models import AccountLinking, AccountToken, ConnectedAccount
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
            return redirect("/dashboard/")
        auth_client.complete_login(request, callback_url)
    except (ApiOauthClientError, MissingRequiredArgumentOauthClientError) as error:
        return HttpResponseBadRequest(error.code)
    if auth_client.pending_account_linking(request):
        return confirmed(request)
    if auth_client.verify_account_linking(request)["is_pending_account_linking"]:
        return redirect(reverse("auth:linking"))
    return redirect("/dashboard/")


def confirmed(request):
    result = auth_client.complete_account_linking(request)
    if result["success"]:
        return redirect("/dashboard/?accounts=linked")
    if result["used_different_account"]:
        django_logout(request)
        return redirect("/dashboard/?accounts=different")
    return redirect("/dashboard/")


def linking_view(request):
    pending = auth_client.pending_account_linking(request)
    return JsonResponse(pending) if pending else redirect("/dashboard/")


def confirm_linking_view(request):
    pending = auth_client.pending_account_linking(request)
    callback_url = request.build_absolute_uri(reverse("auth:callback"))
    params = {"connection": pending["primary_connection_name"]}
    return redirect(auth_client.start_login(request, callback_url, params))


def cancel_linking_view(request):
    auth_client.cancel_account_linking(request)
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
        "links": list(AccountLinking.objects.filter(primary_user_id=user_id).values_list(
            "secondary_provider", flat=True
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
