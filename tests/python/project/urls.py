"""Views as a project writes them, after the README of the package."""

from auth0_oauth_client import auth_client
from django.contrib.auth import logout as django_logout
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import path

CALLBACK = "http://localhost:3000/auth/callback"


def login(request):
    return redirect(auth_client.start_login(request, CALLBACK, dict(request.GET.items())))


def callback(request):
    if "connect_code" in request.GET:
        return JsonResponse(auth_client.complete_connect_account(request, request.build_absolute_uri()))
    tokens = auth_client.complete_login(request, request.build_absolute_uri())
    return JsonResponse({"tokens": tokens, "session": dict(request.session.items())})


def logout(request):
    url = auth_client.logout(request, return_to="http://localhost:3000/")
    django_logout(request)
    return redirect(url)


def me(request):
    return JsonResponse({
        "sub": auth_client.get_idp_username(request),
        "userinfo": auth_client.get_user_info(request),
    })


def token(request):
    return JsonResponse({"token": auth_client.get_access_token(request)})


def connect(request):
    return redirect(auth_client.start_connect_account(request, request.GET["connection"], CALLBACK))


def remember(request):
    request.session.update(request.GET.items())
    return JsonResponse({})


def link_verify(request):
    return JsonResponse(auth_client.verify_account_linking(request))


def link_complete(request):
    return JsonResponse(auth_client.complete_account_linking(request), safe=False)


def link_pending(request):
    return JsonResponse(auth_client.pending_account_linking(request), safe=False)


def link_cancel(request):
    return JsonResponse(auth_client.cancel_account_linking(request), safe=False)


async def ame(request):
    return JsonResponse({"sub": await auth_client.aget_idp_username(request)})


urlpatterns = [
    path("login", login),
    path("auth/callback", callback),
    path("logout", logout),
    path("me", me),
    path("token", token),
    path("connect", connect),
    path("remember", remember),
    path("link/verify", link_verify),
    path("link/complete", link_complete),
    path("link/pending", link_pending),
    path("link/cancel", link_cancel),
    path("ame", ame),
]
