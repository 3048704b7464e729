"""The addresses of a project with users of its own, whom it signs in after ours."""

from auth0_oauth_client import auth_client
from django.contrib import auth
from django.contrib.auth.models import User
from django.http import JsonResponse
from django.urls import path

from . import failing


def callback(request):
    """`fails`: between the one and the other."""
    claims = auth_client.complete_login(request, request.build_absolute_uri())["userinfo"]
    user, _ = User.objects.get_or_create(username=claims["sub"].replace("|", "."))
    if request.headers.get("X-Fails"):
        raise RuntimeError("between the two")
    auth.login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return JsonResponse({"sub": claims["sub"]})


def people(request):
    """Whom the two layers name."""
    return JsonResponse({"auth0": auth_client.get_idp_username(request), "django": request.user.username})


def put(request, name):
    request.session[name] = "the project's"
    return JsonResponse({})


def django_logout(request):
    auth.logout(request)
    return JsonResponse({})


urlpatterns = [
    path("auth/callback", callback),
    path("people", people),
    path("put/<str:name>", put),
    path("django-logout", django_logout),
    *failing.urlpatterns,
]
