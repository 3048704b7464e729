"""The addresses of the project, and views that fail after an operation."""

from auth0_oauth_client import auth_client
from django.http import JsonResponse
from django.urls import path

from . import urls


class Failed(Exception):
    pass


def fail_after(request, operation):
    getattr(auth_client, operation)(request)
    raise Failed


def access_token(request, scope):
    return JsonResponse({"token": auth_client.get_access_token(request, scope=scope)})


urlpatterns = [
    *urls.urlpatterns,
    path("fail-after/<str:operation>", fail_after),
    path("access-token/<str:scope>", access_token),
]
