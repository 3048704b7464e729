"""Account linking by the operations of the client."""

pytest_plugins = ("django_project",)

import pytest  # noqa: E402
from django_project import ANA, BEN, settings_for  # noqa: E402  (sets Django up)

from auth0_oauth_client import auth_client, errors  # noqa: E402
from auth0_oauth_client.models import AccountLinking  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402

PASSWORD = "Username-Password-Authentication"
ANA_AT_GOOGLE = "google-oauth2|100000000000000000001"
CHEN_AT_GOOGLE = "google-oauth2|100000000000000000002"


@pytest.fixture
def tenant(project):
    """The project with linking on, before a tenant that is as new afterwards."""
    with override_settings(AUTH0_OAUTH_CLIENT=settings_for(
        project,
        connections_for_account_linking=[PASSWORD, "google-oauth2"],
        management_client_id="demo-m2m",
        management_client_secret="demo-m2m-secret",
    )):
        yield project
    project.control("reset", {})


def link(visitor):
    """Ana signs in by Google where her account with a password was first."""
    visitor.sign_in(ANA_AT_GOOGLE)
    return visitor.get("/link/verify").json()


def anonymous():
    request = RequestFactory().get("/")
    request.session = SessionStore()
    return request


def test_without_anybody_signed_in_nothing_is_linked_and_nothing_waits(project):
    answer = auth_client.verify_account_linking(anonymous())
    assert not answer["is_account_linked"] and not answer["is_pending_account_linking"]
    assert auth_client.complete_account_linking(anonymous()) is None
    assert auth_client.pending_account_linking(anonymous()) is None
    auth_client.cancel_account_linking(anonymous())
    assert auth_client.repair_account_linking()["left"] == 0


def test_what_is_kept_of_a_user_is_shown_without_tokens_and_erased(project, visitor):
    tokens = visitor.sign_in()["tokens"]
    kept = auth_client.export_user(ANA)
    assert len(kept["sessions"]) == 1
    assert tokens["refresh_token"] not in str(kept)
    auth_client.erase_user(ANA)
    assert visitor.sub is None
    assert auth_client.export_user(ANA)["sessions"] == []


@pytest.mark.parametrize("value", [b"x", 3, "a\0b", "\ud800", ["x"]])
def test_an_argument_that_can_not_be_is_named(project, value):
    for operation in (auth_client.explain_account_linking, auth_client.export_user):
        with pytest.raises(errors.InvalidArgumentOauthClientError) as caught:
            operation(value)
        assert caught.value.argument == "user_id"


# ---- for operators ----


def test_a_link_is_listed_for_both_and_for_nobody_else(tenant, visitor):
    assert link(visitor)["is_account_linked"]
    linked, = auth_client.list_account_linkings()
    assert (linked["primary_user_id"], linked["secondary_provider"], linked["rule"]) == (ANA, "google-oauth2", 3)
    assert linked["secondary_connection_name"] == "google-oauth2"
    assert isinstance(linked["created_at"], int)
    assert auth_client.list_account_linkings(ANA) == auth_client.list_account_linkings(ANA_AT_GOOGLE) == [linked]
    assert auth_client.list_account_linkings(BEN) == []


@pytest.mark.parametrize("name", ["100000000000000000001", ANA_AT_GOOGLE])
def test_a_link_is_undone_by_the_id_of_the_identity_with_or_without_its_provider(tenant, visitor, name):
    link(visitor)
    undone = auth_client.unlink_account(ANA, "google-oauth2", name)
    assert undone["undone"] and undone["secondary_user_id"] == ANA_AT_GOOGLE
    assert auth_client.list_account_linkings() == []
    assert not AccountLinking.objects.exists()
    assert visitor.sub is None
    assert auth_client.explain_account_linking(ANA_AT_GOOGLE)["reason"] == "no_auto_pair"


def test_explain_and_audit_say_what_would_happen_and_change_nothing(tenant):
    before = tenant.control("users")
    explained = auth_client.explain_account_linking(ANA_AT_GOOGLE)
    assert (explained["outcome"], explained["rule"], explained["primary_user_id"]) == ("link", 3, ANA)
    audited = auth_client.audit_account_linking([ANA, ANA_AT_GOOGLE])
    assert audited["class"] == "safe"
    assert [account["outcome"] for account in audited["accounts"]] == ["pending", "link"]
    assert auth_client.audit_account_linking([BEN])["class"] is None
    assert auth_client.audit_account_linking([]) == {"class": None, "accounts": []}
    assert tenant.control("users") == before


def test_every_user_is_on_a_page(tenant):
    users, after = auth_client._list_users(None)
    assert {user["user_id"] for user in users} == {user["user_id"] for user in tenant.control("users")}
    assert after is None


@pytest.mark.parametrize("value", [None, 3, "auth0|x", b"auth0|x", [3], ["a\0b"], ["\ud800"]])
def test_user_ids_that_can_not_be_are_refused(project, value):
    with pytest.raises(errors.InvalidArgumentOauthClientError) as caught:
        auth_client.audit_account_linking(value)
    assert caught.value.argument == "user_ids"
