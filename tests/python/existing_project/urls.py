from django.urls import include, path

from . import views

auth = [
    path("login/", views.login_view, name="login"),
    path("callback", views.callback_view, name="callback"),
    path("logout/", views.logout_view, name="logout"),
    path("linking/", views.linking_view, name="linking"),
    path("linking/confirm/", views.confirm_linking_view, name="confirm_linking"),
    path("linking/cancel/", views.cancel_linking_view, name="cancel_linking"),
    path("connect/<str:connection>/", views.connect_view, name="connect"),
    path("disconnect/<str:account_id>/", views.disconnect_view, name="disconnect"),
]

urlpatterns = [
    path("auth/", include((auth, "auth"))),
    path("dashboard/", views.dashboard_view),
    path("token/<str:connection>/", views.token_view),
    path("health/", views.health_view),
]
