"""A project whose users are its own, and whose people stand in another database than its
sessions."""

SECRET_KEY = "secret-key-of-the-tests-which-is-no-secret-at-all"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "people.settings"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "auth0_oauth_client",
    "people",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "auth0_oauth_client.middleware.Auth0Middleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["auth0_oauth_client.backends.Auth0Backend"]
LOGIN_REDIRECT_URL = "/"
DATABASES = {
    name: {"ENGINE": "django.db.backends.sqlite3", "NAME": f"file:{name}?mode=memory&cache=shared"}
    for name in ("default", "people")
}
DATABASE_ROUTERS = ["people.settings.Router"]
AUTH0_OAUTH_CLIENT = {
    "auth0_domain": "acme.example",
    "auth0_management_api_domain": "acme.example",
    "client_id": "a-client",
    "client_secret": "a-secret-of-sixteen-characters",
    "connections_for_account_linking": [],
}


class Router:
    def db_for_read(self, model, **hints):
        return "default" if model._meta.app_label == "sessions" else "people"

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return (db == "default") == (app_label == "sessions")


def __getattr__(name):
    """The addresses stand here too, for want of more of them."""
    if name == "urlpatterns":
        from django.urls import include, path

        return [path("auth/", include("auth0_oauth_client.urls"))]
    raise AttributeError(name)
