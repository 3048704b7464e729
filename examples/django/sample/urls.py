from django.contrib import admin
from django.urls import include, path

from . import views

urlpatterns = [
    path("", views.welcome, name="welcome"),
    path("internal/", views.dashboard, name="dashboard"),
    path("internal/calendar", views.calendar, name="calendar"),
    path("internal/connect", views.connect, name="connect"),
    path("internal/disconnect", views.disconnect, name="disconnect"),
    path("auth/", include("auth0_oauth_client.urls")),
    path("admin/", admin.site.urls),
]
