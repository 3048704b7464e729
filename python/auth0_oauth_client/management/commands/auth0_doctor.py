"""``manage.py auth0_doctor``: what is wrong with this installation, and what to do."""

import json
import sys

from django.core.management.base import BaseCommand

from auth0_oauth_client.client import auth_client
from auth0_oauth_client.errors import Auth0OauthClientImproperlyConfigured


class Command(BaseCommand):
    help = (
        "Looks whether the settings, this machine, the tenant and the application there go "
        "together, and changes nothing. docs/operations.md lists the checks. Exit codes: 0 "
        "nothing failed, 1 something did, 2 the settings have faults."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--callback-url", metavar="URL", help="where people come back to; without it, not checked"
        )
        parser.add_argument("--timeout", type=float, default=5.0, help="seconds for one request; 5")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, callback_url, timeout, **options):
        try:
            checks = auth_client._examine(callback_url, timeout)
        except Auth0OauthClientImproperlyConfigured as error:
            checks = [_fault(text) for text in error.faults]
        failed = [check for check in checks if check["outcome"] == "failed"]
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not failed, "checks": checks}, ensure_ascii=False))
        else:
            for check in checks:
                self.stdout.write(_line(check))
        if failed:
            sys.exit(2 if any(check["id"] == "settings" for check in failed) else 1)


def _fault(text):
    return {"id": "settings", "outcome": "failed", "text": text, "remedy": None}


def _line(check):
    remedy = f"; {check['remedy']}" if check["remedy"] else ""
    return f"{check['outcome']:<11}  {check['id']}: {check['text']}{remedy}"
