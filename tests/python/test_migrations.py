"""A database of the former package, with data in it, becomes ours and loses nothing."""

pytest_plugins = ("django_project",)

import uuid  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA  # noqa: E402  (sets Django up)
from auth0_oauth_client.models import AccountLinking, AccountToken, ConnectedAccount  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.utils import timezone  # noqa: E402

APP = "auth0_oauth_client"


@pytest.fixture
def former(database):
    """The models of 0001_initial, and their tables as that made them."""
    call_command("migrate", APP, "zero", database=database, verbosity=0)
    call_command("migrate", APP, "0001", database=database, verbosity=0)
    loader = MigrationExecutor(connections[database]).loader
    yield loader.project_state([(APP, "0001_initial")]).apps
    call_command("migrate", APP, database=database, verbosity=0)


def test_tokens_are_sealed_and_no_row_or_id_is_lost(former, database, project):
    ids = [uuid.uuid4() for _ in range(3)]
    now = timezone.now()

    def make(name, id, **columns):
        model = former.get_model(APP, name)
        model.objects.using(database).create(id=id, created_at=now, updated_at=now, **columns)

    make("AccountToken", ids[0], user_id=ANA, refresh_token="token-in-the-clear")
    make("AccountLinking", ids[1], primary_user_id=ANA, secondary_provider="google-oauth2",
         secondary_user_id="1")
    make("ConnectedAccount", ids[2], connected_account_id="cac_1", email="ana@acme.example",
         provider="google-oauth2", user_id_owner=ANA)
    call_command("migrate", APP, database=database, verbosity=0)

    token = AccountToken.objects.get()
    assert token.id == ids[0]
    assert "token-in-the-clear" not in token.sealed
    assert token.refresh_token == "token-in-the-clear"
    link = AccountLinking.objects.get()
    assert (link.id, link.primary_user_id) == (ids[1], ANA) and link.key
    account = ConnectedAccount.objects.get()
    assert (account.id, account.email, account.record) == (ids[2], "ana@acme.example", "")
