"""Addresses of a project that takes everything ready-made."""

from auth0_oauth_client.decorators import connection_required, login_required
from django.contrib import admin
from django.http import HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.cache import cache_control


@login_required
def private(request):
    return JsonResponse({"user": request.user.get_username(), "sub": request.auth0.user_id})


@login_required
async def private_async(request):
    user = await request.auser()
    return JsonResponse({"user": user.get_username()})


@cache_control(public=True, max_age=60)
def page(request):
    """Of the same text for everybody; with `whose`, for whoever is signed in; with `remember`,
    it gives them a cookie."""
    if "remember" in request.GET:
        request.session["remembered"] = True
    return HttpResponse(str(request.auth0.user_id) if "whose" in request.GET else "for all")


async def page_async(request):
    user = await request.auser()
    return HttpResponse(str(user.is_authenticated), headers={"Cache-Control": "public, max-age=60"})


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
    path("page", page),
    path("page-async", page_async),
]
