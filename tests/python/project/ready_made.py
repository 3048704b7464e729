"""Addresses of a project that takes everything ready-made."""

from auth0_oauth_client.decorators import connection_required, login_required
from django.contrib import admin
from django.http import JsonResponse
from django.urls import include, path


@login_required
def private(request):
    return JsonResponse({"user": request.user.get_username(), "sub": request.auth0.user_id})


@login_required
async def private_async(request):
    user = await request.auser()
    return JsonResponse({"user": user.get_username()})


@connection_required("google-oauth2", ["calendar.readonly"])
def calendar(request):
    token = request.auth0.connection_tokens["google-oauth2"]
    return JsonResponse({"scope": token["scope"]})


urlpatterns = [
    path("auth/", include("auth0_oauth_client.urls")),
    path("admin/", admin.site.urls),
    path("private", private),
    path("private-async", private_async),
    path("calendar", calendar),
]
