"""Auth0 for Django, on a compiled core. docs/django.md is the guide.

Importing this needs no settings; ``auth_client`` reads ``AUTH0_OAUTH_CLIENT`` at its
first use.
"""

from .client import auth_client
from .errors import Auth0PingError

__all__ = ["Auth0PingError", "auth_client"]
