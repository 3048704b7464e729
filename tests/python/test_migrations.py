"""A database of the former package, with data in it, becomes ours and loses nothing."""

pytest_plugins = ("django_project",)

import uuid  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA, ANA_AT_GOOGLE, FOLDER  # noqa: E402  (sets Django up)
from auth0_oauth_client import auth_client, errors  # noqa: E402
from auth0_oauth_client.models import AccountLinking, AccountToken, ConnectedAccount, SealedRow  # noqa: E402
from auth0_oauth_client.tables import linking_key  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.utils import timezone  # noqa: E402

APP = "auth0_oauth_client"
JOURNAL = 9


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


def keep(former, database, number):
    """Rows as the former package has them: tokens in the clear."""
    now = timezone.now()
    tokens = former.get_model(APP, "AccountToken").objects.using(database)
    for i in range(number):
        tokens.create(id=uuid.uuid4(), created_at=now, updated_at=now, user_id=f"auth0|{i}",
                      refresh_token=f"in-the-clear-{i}")


def kept(number):
    return [AccountToken.objects.get(user_id=f"auth0|{i}").refresh_token for i in range(number)]


def test_stor_08_nothing_of_a_token_in_the_clear_is_left_in_the_file(former, database):
    keep(former, database, 100)
    assert b"in-the-clear" in files_of(database)
    if database == "default":  # as SQLite is where nobody has built it otherwise
        connections[database].cursor().execute("PRAGMA secure_delete = OFF")
    call_command("migrate", APP, database=database, verbosity=0)
    assert kept(100) == [f"in-the-clear-{i}" for i in range(100)]
    assert b"in-the-clear" not in files_of(database)


def test_stor_08_the_way_back_gives_the_tokens_back(former, database):
    keep(former, database, 3)
    call_command("migrate", APP, database=database, verbosity=0)
    call_command("migrate", APP, "0001", database=database, verbosity=0)
    tokens = former.get_model(APP, "AccountToken").objects.using(database)
    found = dict(tokens.values_list("user_id", "refresh_token"))
    assert found == {f"auth0|{i}": f"in-the-clear-{i}" for i in range(3)}


def test_stor_08_a_token_that_no_key_opens_is_not_in_the_way_back(former, database):
    keep(former, database, 3)
    call_command("migrate", APP, database=database, verbosity=0)
    moved = AccountToken.objects.get(user_id="auth0|0").sealed
    AccountToken.objects.filter(user_id="auth0|1").update(sealed=moved)
    call_command("migrate", APP, "0001", database=database, verbosity=0)
    tokens = former.get_model(APP, "AccountToken").objects.using(database)
    found = dict(tokens.values_list("user_id", "refresh_token"))
    assert found == {"auth0|0": "in-the-clear-0", "auth0|1": "", "auth0|2": "in-the-clear-2"}


def test_stor_08_a_migration_that_is_cut_off_can_be_made_again(former, database, monkeypatch):
    keep(former, database, 3)
    sealing = import_module(f"{APP}.migrations.0003_seal_tokens").OneRow
    commit, left = sealing.commit, [None]

    def cut_off(*args):
        left.pop()  # the second time there is none
        return commit(*args)

    with monkeypatch.context() as broken, pytest.raises(Exception):
        broken.setattr(sealing, "commit", cut_off)
        call_command("migrate", APP, database=database, verbosity=0)
    call_command("migrate", APP, database=database, verbosity=0)
    assert kept(3) == [f"in-the-clear-{i}" for i in range(3)]


def files_of(database):
    """All that is in the files of a database, once they are written."""
    if database == "default":
        return Path(connections[database].settings_dict["NAME"]).read_bytes()
    with connections[database].cursor() as cursor:
        cursor.execute("VACUUM FULL auth0_oauth_client_accounttoken")
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pg_relation_filepath('auth0_oauth_client_accounttoken')")
        return (Path(FOLDER) / "pg" / "data" / cursor.fetchone()[0]).read_bytes()


# ---- links that the former package has recorded ----

# As it writes them: the secondary with its provider.
LINK = {
    "primary_user_id": ANA, "secondary_provider": "google-oauth2", "secondary_user_id": ANA_AT_GOOGLE,
}


def link(visitor):
    visitor.sign_in(ANA_AT_GOOGLE)
    return visitor.get("/link/verify").json()["is_account_linked"]


def identities(tenant):
    user = next(user for user in tenant.control("users") if user["user_id"] == ANA)
    return [identity["provider"] for identity in user["identities"]]


def check_that_it_is_ours(row_id):
    row = AccountLinking.objects.get()
    assert row.id == row_id and row.record and row.rule == 3
    assert row.key == linking_key(*LINK.values())
    listed, = auth_client.list_account_linkings()
    assert listed["is_proven"] and listed["rule"] == 3
    assert auth_client.unlink_account(ANA, "google-oauth2", ANA_AT_GOOGLE)["undone"]
    assert not AccountLinking.objects.exists()


def test_a_link_that_the_former_package_recorded_and_is_made_again_is_one_row(
    former, database, linking, visitor
):
    """The keys that the migration makes are those of the core."""
    id, now = uuid.uuid4(), timezone.now()
    former.get_model(APP, "AccountLinking").objects.using(database).create(
        id=id, created_at=now, updated_at=now, **LINK
    )
    call_command("migrate", APP, database=database, verbosity=0)
    assert link(visitor)
    check_that_it_is_ours(id)


def test_a_row_that_a_project_made_itself_is_in_the_way_of_no_link(database, linking, visitor):
    id = AccountLinking.objects.create(**LINK).id
    assert link(visitor)
    check_that_it_is_ours(id)


def test_a_link_of_the_former_package_is_listed_and_is_evidence_of_nothing(database, linking, visitor):
    assert link(visitor)
    SealedRow.objects.filter(kind=JOURNAL).delete()
    AccountLinking.objects.update(record="", row_created_at=0, secondary_connection_name="", rule=None)

    listed, = auth_client.list_account_linkings(ANA)
    assert listed == auth_client.list_account_linkings(ANA_AT_GOOGLE)[0]
    assert listed | {"created_at": 0} == LINK | {
        "secondary_connection_name": None, "rule": None, "by": None, "created_at": 0, "is_proven": False,
    }
    with pytest.raises(errors.AccountLinkingError) as caught:
        auth_client.unlink_account(ANA, "google-oauth2", ANA_AT_GOOGLE)
    assert caught.value.id == "link_not_found"
    assert auth_client.repair_account_linking() == {"repaired": 0, "left": 0}
    assert identities(linking) == ["auth0", "google-oauth2"]
    assert visitor.sign_in(ANA_AT_GOOGLE)["tokens"]["userinfo"]["sub"] == ANA
    assert not visitor.get("/link/verify").json()["is_account_linked"]
    assert len(auth_client.export_user(ANA)["links"]) == 1
    auth_client.erase_user(ANA)
    assert not AccountLinking.objects.exists()
