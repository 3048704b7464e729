"""python -m people.walk: people sign in to that project."""

import os
from urllib.parse import urlsplit

os.environ["DJANGO_SETTINGS_MODULE"] = "people.settings"

import django  # noqa: E402

django.setup()

from auth0_oauth_client.models import LocalIdentity, SealedRow  # noqa: E402
from auth0_oauth_client.testing import ScriptedTenant  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from people.models import Person  # noqa: E402

ADDRESS = {"email": "ada@example.com", "email_verified": True}


def walk(tenant, user_id, **claims):
    """Signs in by the ready-made addresses; the browser and the last answer."""
    browser = Client(SERVER_NAME="localhost")
    begun = browser.get("/auth/login")
    back = urlsplit(tenant.authorize(begun["Location"], user_id, **claims))
    return browser, browser.get(f"{back.path}?{back.query}")


def is_in(browser):
    return browser.get("/auth/me").status_code == 200 and "_auth_user_id" in browser.session


def main():
    setup_test_environment()
    for database in ("default", "people"):
        call_command("migrate", database=database, run_syncdb=True, verbosity=0)
    call_command("check", fail_level="WARNING")
    call_command("makemigrations", "auth0_oauth_client", check=True, dry_run=True, verbosity=0)
    with ScriptedTenant() as tenant:
        for _ in range(2):
            browser, answer = walk(tenant, "auth0|ada", given_name="Ada" * 20, **ADDRESS)
            assert answer.status_code == 302 and is_in(browser)
        ada = Person.objects.using("people").get()
        assert (ada.email, ada.given_name, ada.has_usable_password()) == ("ada@example.com", "", False)
        assert LocalIdentity.objects.using("people").get().user == ada
        assert SealedRow.objects.using("people").exists()

        # Not by an address that somebody else may have, nor by one that another user has.
        for claims in ({"email": "bob@example.com"}, {"email": "bob@example.com", "email_verified": "true"},
                       {}, ADDRESS):
            browser, answer = walk(tenant, "google-oauth2|108", **claims)
            assert answer.status_code == 403 and not is_in(browser), claims
        assert Person.objects.using("people").count() == 1
    print("all is well")


main()
