"""``manage.py auth0_ping``: whether Auth0 gives this application its token."""

import json
import sys

from django.core.management.base import BaseCommand

from auth0_oauth_client.client import auth_client
from auth0_oauth_client.errors import Auth0OauthClientImproperlyConfigured, Auth0PingError


class Command(BaseCommand):
    help = (
        "Asks Auth0 once for the token of the Management API and prints the answer as JSON. "
        "Exit codes: 0 ready, 1 not ready, 2 the settings have faults."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--required-scope",
            action="append",
            default=[],
            metavar="SCOPE",
            help="what the token must be good for; may be repeated",
        )
        parser.add_argument("--timeout", type=float, default=5.0, help="seconds for everything; 5")

    def handle(self, *args, required_scope, timeout, **options):
        try:
            answer, code = auth_client.ping(timeout, required_scope), 0
        except Auth0PingError as error:
            answer, code = _refusal(error), 1
        except Auth0OauthClientImproperlyConfigured as error:
            answer, code = {"ok": False, "stage": "settings", "faults": list(error.faults)}, 2
        self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if code:
            sys.exit(code)


def _refusal(error):
    answer = {"ok": False, "stage": error.stage, "message": str(error)}
    if error.status_code:
        answer["status_code"] = error.status_code
    if error.missing_scopes:
        answer["missing_scopes"] = sorted(error.missing_scopes)
    return answer
