"""Views that fail after an operation, under ATOMIC_REQUESTS: what Auth0 has done is not
forgotten with the view's own writes."""

pytest_plugins = ("django_project",)

import pytest  # noqa: E402
from django_project import ANA, ANA_AT_GOOGLE  # noqa: E402  (sets Django up)
from auth0_oauth_client import auth_client, errors  # noqa: E402
from auth0_oauth_client.models import AccountLinking, SealedRow  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.test import override_settings  # noqa: E402

from project.failing import Failed  # noqa: E402

JOURNAL = 9


@pytest.fixture
def atomic(database, linking):
    """Every view in a transaction, before a tenant that rotates refresh tokens."""
    connections.settings[database]["ATOMIC_REQUESTS"] = True
    linking.control("clients", {"client_id": "demo-web", "rotation_type": "rotating", "leeway": 0})
    with override_settings(ROOT_URLCONF="project.failing"):
        yield linking
    connections.settings[database]["ATOMIC_REQUESTS"] = False


# SQLite has one writer.
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def user(tenant, user_id):
    return next(user for user in tenant.control("users") if user["user_id"] == user_id)


def identities(tenant, user_id):
    return [f"{one['provider']}|{one['user_id']}" for one in user(tenant, user_id)["identities"]]


def open_links():
    return SealedRow.objects.filter(kind=JOURNAL, sid="open").count()


@on_postgresql
def test_link_15_a_view_that_fails_after_a_link_leaves_it_whole(atomic, visitor):
    visitor.sign_in(ANA_AT_GOOGLE)
    with pytest.raises(Failed):
        visitor.get("/fail-after/verify_account_linking")
    assert ANA_AT_GOOGLE in identities(atomic, ANA)
    linked = AccountLinking.objects.get()
    assert (linked.primary_user_id, linked.rule) == (ANA, 3)
    assert open_links() == 0
    assert auth_client.repair_account_linking() == {"repaired": 0, "left": 0}
    assert visitor.sign_in(ANA_AT_GOOGLE)["tokens"]["userinfo"]["sub"] == ANA
    undone = auth_client.unlink_account(ANA, linked.secondary_provider, linked.secondary_user_id)
    assert undone["undone"]
    assert identities(atomic, ANA_AT_GOOGLE) == [ANA_AT_GOOGLE]


@on_postgresql
def test_link_15_a_link_that_was_left_half_way_is_finished_by_the_repair(atomic, visitor):
    atomic.control("users", {"user_id": ANA_AT_GOOGLE, "user_metadata": {"colour": "green"}})
    visitor.sign_in(ANA_AT_GOOGLE)
    atomic.control("faults", {"name": "user_patch.status", "value": 503, "times": 0})
    with pytest.raises(errors.AccountLinkingError) as caught:
        visitor.get("/fail-after/verify_account_linking")
    assert caught.value.id == "link_partial"
    assert ANA_AT_GOOGLE in identities(atomic, ANA)
    atomic.delete("faults")
    assert open_links() == 1
    assert auth_client.repair_account_linking() == {"repaired": 1, "left": 0}
    assert user(atomic, ANA)["user_metadata"]["colour"] == "green"
    assert AccountLinking.objects.get().primary_user_id == ANA


@on_sqlite
def test_link_15_nothing_is_begun_where_the_journal_can_not_be_written_first(atomic, database, visitor):
    """On SQLite, inside a transaction: the sign-in stands, and the link is for later."""
    visitor.sign_in(ANA_AT_GOOGLE)
    assert not visitor.get("/link/verify").json()["is_account_linked"]
    assert identities(atomic, ANA_AT_GOOGLE) == [ANA_AT_GOOGLE]
    assert not any(r["path"].endswith("/identities") for r in atomic.control("requests"))
    assert (open_links(), AccountLinking.objects.count()) == (0, 0)
    assert visitor.sub == ANA_AT_GOOGLE
    connections.settings[database]["ATOMIC_REQUESTS"] = False
    assert visitor.get("/link/verify").json()["is_account_linked"]
    with transaction.atomic(), pytest.raises(errors.AccountLinkingError) as caught:
        auth_client.unlink_account(ANA, "google-oauth2", ANA_AT_GOOGLE)
    assert caught.value.id == "link_in_transaction"
    assert ANA_AT_GOOGLE in identities(atomic, ANA)


@on_sqlite
def test_link_15_the_ready_made_view_is_in_no_transaction(atomic, visitor):
    with override_settings(ROOT_URLCONF="project.ready_made"):
        location = visitor.client.get("/auth/login", headers={"Host": "localhost:3000"})["Location"]
        visitor.client.get(visitor.authorize(location, ANA_AT_GOOGLE), headers={"Host": "localhost:3000"})
    assert AccountLinking.objects.get().primary_user_id == ANA
    assert visitor.sub == ANA


def test_rfr_04_a_view_that_fails_after_a_rotation_loses_no_token(atomic, visitor):
    visitor.sign_in(ANA)
    for scope in ("openid", "email"):
        with pytest.raises(Failed):
            visitor.get("/fail-after/list_connected_accounts")
        assert visitor.get(f"/access-token/{scope}").json()["token"]
