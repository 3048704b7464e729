from django.apps import AppConfig


class Auth0OauthClientConfig(AppConfig):
    name = "auth0_oauth_client"
    verbose_name = "Auth0"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import checks, sessions  # noqa: F401  (they register themselves)
