"""Auth0 as a check of django-health-check: name ``auth0_oauth_client.health.Auth0HealthCheck``
there (among the ``checks`` of its view; before its version 4, register it with its
``plugin_dir``). Needs that package; the plain view at ``health`` does not."""

from health_check.exceptions import ServiceUnavailable

try:
    from health_check.base import HealthCheck
except ImportError:
    from health_check.backends import BaseHealthCheckBackend as HealthCheck

from . import readiness


class Auth0HealthCheck(HealthCheck):
    """Whether Auth0 gives this application its token; asked at most every ten seconds."""

    critical_service = True

    def run(self):
        """The check, as version 4 calls it."""
        answer = readiness.look()
        if not answer["ok"]:
            raise ServiceUnavailable(f"Auth0: {answer['stage']}")

    def check_status(self):
        """The check, as versions before 4 call it."""
        self.run()

    def identifier(self):
        return "Auth0"
