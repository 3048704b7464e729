"""Account linking by the operations of the client."""

import asyncio

pytest_plugins = ("django_project",)

import pytest  # noqa: E402
from django_project import ANA, ANA_AT_GOOGLE, BEN, CHEN_AT_GOOGLE  # noqa: E402  (sets Django up)

from auth0_oauth_client import auth_client, errors, signals  # noqa: E402
from auth0_oauth_client.models import AccountLinking, AccountToken, ConnectedAccount  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.utils import translation  # noqa: E402

PASSWORD = "Username-Password-Authentication"
NOTHING = {
    "is_pending_account_linking": False,
    "is_account_linked": False,
    "refused": None,
    "rule": None,
    "primary_user_id": None,
    "secondary_user_id": None,
    "reauthentication_required": False,
}


def anonymous():
    request = RequestFactory().get("/")
    request.session = SessionStore()
    return request


def ask(visitor, name):
    """What an operation gives to a view: verify, complete, pending or cancel."""
    return visitor.get(f"/link/{name}").json()


def link(visitor):
    """Ana signs in by Google where her account with a password was first."""
    visitor.sign_in(ANA_AT_GOOGLE)
    return ask(visitor, "verify")


def wait(visitor):
    """Ana signs in by password where her account at Google was first; what waits then."""
    visitor.sign_in(ANA)
    assert ask(visitor, "verify") == NOTHING | {
        "is_pending_account_linking": True, "rule": 4, "primary_user_id": ANA_AT_GOOGLE,
    }
    return ask(visitor, "pending")


def confirm(visitor, person):
    """Signs in by the connection of what waits, until it is completed."""
    payload = ask(visitor, "pending")
    visitor.sign_in(person, connection=payload["primary_connection_name"])
    assert ask(visitor, "pending") == payload
    return ask(visitor, "complete")


def identities(tenant):
    return {user["user_id"]: len(user["identities"]) for user in tenant.control("users")}


@pytest.fixture
def heard():
    """What accounts_linked has told."""
    told = []

    def hears(sender, request, **rest):
        rest.pop("signal")
        told.append(rest)
        raise ValueError("of the project")

    signals.accounts_linked.connect(hears)
    yield told
    signals.accounts_linked.disconnect(hears)


# ---- a sign-in by a provider ----


def test_a_sign_in_by_a_provider_is_linked_and_goes_on_as_the_primary(linking, visitor, heard):
    visitor.sign_in(ANA_AT_GOOGLE)
    key = visitor.session.session_key
    assert ask(visitor, "verify") == NOTHING | {
        "is_account_linked": True,
        "rule": 3,
        "primary_user_id": ANA,
        "secondary_user_id": ANA_AT_GOOGLE,
        "reauthentication_required": True,
    }
    assert visitor.sub == ANA
    assert visitor.session.session_key != key
    assert heard == [{"primary_user_id": ANA, "secondary_user_id": ANA_AT_GOOGLE, "rule": 3}]
    row = AccountLinking.objects.get()
    assert (row.primary_user_id, row.identity_user_id, row.rule) == (ANA, ANA_AT_GOOGLE.split("|")[1], 3)
    assert str(row) == f"{ANA_AT_GOOGLE} → {ANA}"
    # Every later sign-in is the primary's, and there is nothing left to do.
    assert visitor.sign_in(ANA)["tokens"]["userinfo"]["sub"] == ANA
    assert ask(visitor, "verify") == NOTHING
    assert len(heard) == 1


def test_a_primary_whose_token_is_known_needs_no_other_sign_in(linking, visitor, other):
    other.sign_in(ANA)
    assert link(visitor)["reauthentication_required"] is False
    assert visitor.get("/token").json()["token"]
    assert other.sub is None
    assert not AccountToken.objects.filter(user_id=ANA_AT_GOOGLE).exists()


def test_what_an_anonymous_visitor_kept_stays_through_the_link(linking, visitor):
    visitor.get("/remember", basket="full")
    link(visitor)
    assert visitor.session["basket"] == "full"


def test_a_connected_account_is_recognised_though_its_address_differs(linking, visitor, other):
    dora = "auth0|d0d0d0d0d0d0d0d0d0d0d0d0"
    linking.control("users", {"user_id": dora, "email": "dora@example.test", "email_verified": True,
                              "password": "local-password"})
    visitor.sign_in(dora)
    location = visitor.get("/connect", connection="google-oauth2")["Location"]
    linking.control("next-connect", {"user_id": CHEN_AT_GOOGLE})
    assert visitor.client.get(visitor.back(location)).status_code == 200
    other.sign_in(CHEN_AT_GOOGLE)
    answer = ask(other, "verify")
    assert (answer["is_account_linked"], answer["rule"], answer["primary_user_id"]) == (True, 2, dora)
    assert other.sub == dora
    assert ConnectedAccount.objects.get().is_account_linked


def test_an_address_that_is_not_verified_is_refused_and_the_sign_in_stands(linking, visitor):
    user_id = "google-oauth2|77"
    linking.control("users", {"user_id": user_id, "connection": "google-oauth2",
                              "email": "ben@example.test", "email_verified": True})
    visitor.sign_in(user_id)
    assert ask(visitor, "verify") == NOTHING | {"refused": "unverified_email"}
    assert visitor.sub == user_id
    assert ask(visitor, "pending") is None


# ---- a sign-in by password, and its confirmation ----


def test_a_sign_in_by_password_waits_for_a_confirmation(linking, visitor, heard):
    payload = wait(visitor)
    assert {name: payload[name] for name in (
        "primary_user_id", "primary_provider", "primary_provider_friendly_name", "primary_connection_name",
        "secondary_user_id", "secondary_provider", "secondary_connection_name",
    )} == {
        "primary_user_id": ANA_AT_GOOGLE,
        "primary_provider": "google-oauth2",
        "primary_provider_friendly_name": "Google",
        "primary_connection_name": "google-oauth2",
        "secondary_user_id": ANA,
        "secondary_provider": "auth0",
        "secondary_connection_name": PASSWORD,
    }
    assert payload["primary_email"] == "a***@example.test"
    assert confirm(visitor, ANA_AT_GOOGLE) == {
        "success": True, **NOTHING, "is_account_linked": True, "rule": 4,
        "primary_user_id": ANA_AT_GOOGLE, "secondary_user_id": ANA,
        "reauthentication_required": False,
    }
    assert visitor.sub == ANA_AT_GOOGLE
    assert ask(visitor, "pending") is None
    assert heard == [{"primary_user_id": ANA_AT_GOOGLE, "secondary_user_id": ANA, "rule": 4}]


def test_the_friendly_names_are_in_the_language_of_the_request(linking, visitor):
    wait(visitor)
    with translation.override("pt"):
        payload = ask(visitor, "pending")
    assert payload["secondary_provider_friendly_name"] == "E-mail e palavra-passe"
    assert payload["primary_provider_friendly_name"] == "Google"


def test_the_wrong_account_is_told_so_and_nobody_stays_signed_in(linking, visitor, heard):
    wait(visitor)
    key = visitor.session.session_key
    assert confirm(visitor, CHEN_AT_GOOGLE) == {
        "success": False, "used_different_account": True, "refused": None,
    }
    assert visitor.sub is None
    assert visitor.session.session_key != key
    assert not visitor.session.items()
    assert not AccountLinking.objects.exists() and heard == []


def test_cancelling_leaves_both_accounts_as_they_were(linking, visitor):
    before = identities(linking)
    wait(visitor)
    assert ask(visitor, "cancel") is None
    assert ask(visitor, "pending") is None
    assert visitor.sub == ANA
    visitor.sign_in(ANA_AT_GOOGLE, connection="google-oauth2")
    assert ask(visitor, "complete") is None
    assert identities(linking) == before


def test_a_sign_in_by_another_connection_drops_what_waited(linking, visitor):
    wait(visitor)
    visitor.sign_in(BEN)
    assert ask(visitor, "complete") is None
    assert ask(visitor, "pending") is None


def test_another_browser_does_not_confirm(linking, visitor, other):
    wait(visitor)
    other.sign_in(ANA_AT_GOOGLE, connection="google-oauth2")
    assert ask(other, "complete") is None
    assert ask(visitor, "pending") is not None


def test_observing_decides_and_does_nothing(linking, visitor):
    with override_settings(AUTH0_OAUTH_CLIENT=settings.AUTH0_OAUTH_CLIENT | {"linking": "observe"}):
        assert link(visitor) == NOTHING
        assert visitor.sub == ANA_AT_GOOGLE
    assert not AccountLinking.objects.exists()


def test_an_auth0_that_can_not_be_asked_links_nothing_and_lets_the_sign_in_stand(linking, visitor):
    visitor.sign_in(ANA_AT_GOOGLE)
    linking.control("faults", {"name": "user_get.status", "value": 400})
    assert ask(visitor, "verify") == NOTHING
    assert visitor.sub == ANA_AT_GOOGLE
    assert ask(visitor, "verify")["is_account_linked"]


# ---- nobody ----


def test_without_anybody_signed_in_nothing_is_linked_and_nothing_waits(project):
    assert auth_client.verify_account_linking(anonymous()) == NOTHING
    assert auth_client.complete_account_linking(anonymous()) is None
    assert auth_client.pending_account_linking(anonymous()) is None
    auth_client.cancel_account_linking(anonymous())
    assert auth_client.repair_account_linking() == {"repaired": 0, "left": 0}


def test_every_operation_has_its_twin(linking):
    async def walk():
        assert await auth_client.averify_account_linking(anonymous()) == NOTHING
        assert await auth_client.acomplete_account_linking(anonymous()) is None
        assert await auth_client.apending_account_linking(anonymous()) is None
        await auth_client.acancel_account_linking(anonymous())
        assert (await auth_client.arepair_account_linking())["left"] == 0
        assert await auth_client.alist_account_linkings() == []
        assert (await auth_client.aexplain_account_linking(ANA))["outcome"] == "pending"
        assert (await auth_client.aaudit_account_linking([ANA, ANA_AT_GOOGLE]))["class"] == "safe"
        with pytest.raises(errors.AccountLinkingError):
            await auth_client.aunlink_account(ANA, "google-oauth2", "1")

    asyncio.run(walk())


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


def test_a_link_is_listed_for_both_and_for_nobody_else(linking, visitor):
    link(visitor)
    linked, = auth_client.list_account_linkings()
    assert (linked["primary_user_id"], linked["secondary_provider"], linked["rule"]) == (ANA, "google-oauth2", 3)
    assert linked["secondary_connection_name"] == "google-oauth2"
    assert isinstance(linked["created_at"], int)
    assert auth_client.list_account_linkings(ANA) == auth_client.list_account_linkings(ANA_AT_GOOGLE) == [linked]
    assert auth_client.list_account_linkings(BEN) == []


@pytest.mark.parametrize("name", ["100000000000000000001", ANA_AT_GOOGLE])
def test_a_link_is_undone_by_the_id_of_the_identity_with_or_without_its_provider(linking, visitor, name):
    link(visitor)
    undone = auth_client.unlink_account(ANA, "google-oauth2", name)
    assert undone["undone"] and undone["secondary_user_id"] == ANA_AT_GOOGLE
    assert auth_client.list_account_linkings() == []
    assert not AccountLinking.objects.exists()
    assert visitor.sub is None
    assert auth_client.explain_account_linking(ANA_AT_GOOGLE)["reason"] == "no_auto_pair"


def test_what_is_not_linked_is_not_undone(linking):
    with pytest.raises(errors.AccountLinkingError) as caught:
        auth_client.unlink_account(ANA, "google-oauth2", "1")
    assert caught.value.code == "link_not_found"


def test_a_link_of_the_former_package_is_no_evidence_and_can_not_be_undone(linking):
    AccountLinking.objects.create(primary_user_id=ANA, secondary_provider="google-oauth2",
                                  secondary_user_id=ANA_AT_GOOGLE)
    assert [link["is_proven"] for link in auth_client.list_account_linkings()] == [False]
    with pytest.raises(errors.AccountLinkingError) as caught:
        auth_client.unlink_account(ANA, "google-oauth2", ANA_AT_GOOGLE)
    assert caught.value.code == "link_not_found"


def test_explain_and_audit_say_what_would_happen_and_change_nothing(linking):
    before = linking.control("users")
    explained = auth_client.explain_account_linking(ANA_AT_GOOGLE)
    assert (explained["outcome"], explained["rule"], explained["primary_user_id"]) == ("link", 3, ANA)
    audited = auth_client.audit_account_linking([ANA, ANA_AT_GOOGLE])
    assert audited["class"] == "safe"
    assert [account["outcome"] for account in audited["accounts"]] == ["pending", "link"]
    assert auth_client.audit_account_linking([BEN])["class"] is None
    assert auth_client.audit_account_linking([]) == {"class": None, "accounts": []}
    assert linking.control("users") == before


def test_every_user_is_on_a_page(linking):
    users, after, unreadable = auth_client._list_users(None)
    assert {user["user_id"] for user in users} == {user["user_id"] for user in linking.control("users")}
    assert (after, unreadable) == (None, 0)


def test_a_user_that_nothing_can_be_made_of_hides_nobody(linking):
    linking.control("users", {"user_id": "google-oauth2|\u00fcn\u00ef", "connection": "google-oauth2",
                              "email": "ana@example.test", "email_verified": True})
    users, _, unreadable = auth_client._list_users(None)
    assert unreadable == 1
    assert {ANA, ANA_AT_GOOGLE} <= {user["user_id"] for user in users}


@pytest.mark.parametrize("value", [None, 3, "auth0|x", b"auth0|x", [3], ["a\0b"], ["\ud800"]])
def test_user_ids_that_can_not_be_are_refused(project, value):
    with pytest.raises(errors.InvalidArgumentOauthClientError) as caught:
        auth_client.audit_account_linking(value)
    assert caught.value.argument == "user_ids"
