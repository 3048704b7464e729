"""Ready-made addresses: ``path("auth/", include("auth0_oauth_client.urls"))``."""

from django.urls import path

from . import views

app_name = "auth0_oauth_client"

urlpatterns = [
    path("login", views.login, name="login"),
    path("callback", views.callback, name="callback"),
    path("logout", views.logout, name="logout"),
    path("me", views.me, name="me"),
    path("connect", views.connect, name="connect"),
    path("connected-accounts", views.connected_accounts, name="connected_accounts"),
    path("connected-accounts/connections", views.connections, name="connections"),
    path("connected-accounts/<str:connected_account_id>", views.connected_account, name="connected_account"),
    path("link", views.link, name="link"),
    path("link/confirm", views.link_confirm, name="link_confirm"),
    path("link/cancel", views.link_cancel, name="link_cancel"),
    path("backchannel-logout", views.backchannel_logout, name="backchannel_logout"),
    path("health", views.health, name="health"),
]
