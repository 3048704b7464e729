"""Auth0 as a check of django-health-check: name ``auth0_oauth_client.health.Auth0HealthCheck``
there. Needs that package; the plain view at ``health`` does not."""

from health_check.backends import BaseHealthCheckBackend
from health_check.exceptions import ServiceUnavailable

from . import readiness


class Auth0HealthCheck(BaseHealthCheckBackend):
    """Whether Auth0 gives this application its token."""

    critical_service = True

    def check_status(self):
        answer = readiness.look()
        if not answer["ok"]:
            self.add_error(ServiceUnavailable(f"Auth0: {answer['stage']}"))

    def identifier(self):
        return "Auth0"
