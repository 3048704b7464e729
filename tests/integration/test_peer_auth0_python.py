# SPDX-License-Identifier: MIT
"""Auth0's own client for Python manages users at the local tenant: a second opinion on
the shapes of its answers."""

import pytest

from tenant_connect import Person
from tenant_management import Management
from tenant_process import ANA, CHEN, M2M, tenant_fixtures

management_api = pytest.importorskip("auth0.management")
errors = pytest.importorskip("auth0.management.errors")

DATABASE = "Username-Password-Authentication"
GOOGLE = "google-oauth2|100000000000000000001"
GOOGLE_ID = "100000000000000000001"
SCOPE = "read:users update:users create:users delete:users read:logs"


running, tenant = tenant_fixtures(tls=True)


@pytest.fixture
def users(tenant, monkeypatch):
    """With a machine token that it asked for itself."""
    monkeypatch.setenv("SSL_CERT_FILE", tenant.ca_file)
    Management(tenant, SCOPE)
    client = management_api.ManagementClient(
        domain=f"localhost:{tenant.port}", timeout=20, **M2M
    )
    return client.users


def test_a_user_is_made_changed_found_and_deleted(users):
    made = users.create(
        connection=DATABASE,
        email="eva@example.test",
        password="another-password",
        email_verified=True,
        user_metadata={"lang": "tr"},
    )
    assert made.email == "eva@example.test" and made.email_verified is True
    changed = users.update(made.user_id, user_metadata={"theme": "dark"})
    assert changed.user_metadata == {"lang": "tr", "theme": "dark"}
    (found,) = users.list_users_by_email(email="eva@example.test")
    assert found.user_id == made.user_id and found.identities[0].provider == "auth0"
    (found,) = users.list(q='email:"eva@example.test"')
    assert found.user_id == made.user_id
    with pytest.raises(errors.ConflictError):
        users.create(connection=DATABASE, email="eva@example.test", password="x" * 12)
    users.delete(made.user_id)
    with pytest.raises(errors.NotFoundError) as gone:
        users.get(made.user_id)
    assert gone.value.body["errorCode"] == "inexistent_user"


def test_every_page_of_a_search_is_walked(tenant, users):
    tenant.control("generated_users", {"count": 250})
    found = list(users.list(per_page=100, sort="created_at:1", search_engine="v3"))
    assert len({user.user_id for user in found}) == 257


def test_accounts_are_linked_and_taken_apart(users):
    linked = users.identities.link(ANA, provider="google-oauth2", user_id=GOOGLE_ID)
    assert [identity.provider for identity in linked] == ["auth0", "google-oauth2"]
    assert linked[1].profile_data.email == "ana@example.test"
    assert linked[1].is_social is True
    with pytest.raises(errors.NotFoundError):
        users.get(GOOGLE)
    with pytest.raises(errors.ConflictError):
        users.identities.link(ANA, provider="google-oauth2", user_id=GOOGLE_ID)
    with pytest.raises(errors.BadRequestError):
        users.identities.delete(ANA, "auth0", ANA.split("|")[1])
    left = users.identities.delete(ANA, "google-oauth2", GOOGLE_ID)
    assert [identity.provider for identity in left] == ["auth0"]
    assert users.get(GOOGLE).email_verified is True


def test_connected_accounts_and_their_log_are_read(tenant, users):
    person = Person(tenant)
    person.connect(CHEN)
    person.connect(GOOGLE)
    accounts = list(users.connected_accounts.list(ANA, take=1))
    assert [account.connection for account in accounts] == ["google-oauth2"] * 2
    assert all(account.id.startswith("cac_") for account in accounts)
    logs = users.logs.list(ANA)
    assert len(list(logs)) == 2


def test_a_spent_budget_is_waited_for(tenant, users):
    tenant.fault("mgmt.429")
    assert users.get(ANA).user_id == ANA
    statuses = [
        request["status"]
        for request in tenant.control("requests", method="GET")
        if request["path"].startswith("/api/v2/users/")
    ]
    assert statuses == [429, 200]


def test_scopes_and_failures_are_told_apart(tenant, users):
    Management(tenant, "read:users")
    with pytest.raises(errors.ForbiddenError) as refused:
        users.update(ANA, name="Other")
    assert refused.value.body["errorCode"] == "insufficient_scope"
    tenant.fault("user_get.status", value=401)
    with pytest.raises(errors.UnauthorizedError):
        users.get(ANA)
