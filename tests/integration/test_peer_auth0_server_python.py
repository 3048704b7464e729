# SPDX-License-Identifier: MIT
"""Auth0's own client for web servers in Python signs in at the local tenant, connects
accounts and calls the Token Vault: a second opinion on what a0 takes for granted."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenant_connect import CALENDAR, use
from tenant_process import ANA, CALLBACK, CHEN, WEB, Browser, tenant_fixtures

server_client = pytest.importorskip(
    "auth0_server_python.auth_server.server_client",
    reason="auth0-server-python is not installed; scripts/setup installs it",
)
types = pytest.importorskip("auth0_server_python.auth_types")
errors = pytest.importorskip("auth0_server_python.error")

GOOGLE = "google-oauth2|100000000000000000001"

# Its own, not ours.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def run(story):
    """In a thread of its own: a browser of another test may have an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(story())).result()


class Memory:
    """What the client keeps for one browser."""

    def __init__(self):
        self.kept = {}

    async def set(self, identifier, state, remove_if_expires=False, options=None):
        self.kept[identifier] = state

    async def get(self, identifier, options=None):
        return self.kept.get(identifier)

    async def delete(self, identifier, options=None):
        self.kept.pop(identifier, None)


running, fresh = tenant_fixtures(tls=True)


@pytest.fixture
def tenant(fresh):
    # As this client authenticates, whatever the application is set to.
    basic = {"token_endpoint_auth_method": "client_secret_basic"}
    fresh.control("clients", {"client_id": WEB["client_id"], **basic})
    return fresh


@pytest.fixture
def visit(tenant, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", tenant.ca_file)
    return Visit(tenant)


class Visit:
    """Somebody at a web server that uses the client."""

    def __init__(self, tenant, **options):
        self.tenant, self.browser = tenant, Browser(tenant)
        self.client = server_client.ServerClient(
            domain=f"localhost:{tenant.port}",
            redirect_uri=CALLBACK,
            secret="a-secret-of-the-web-server-itself",
            transaction_store=Memory(),
            state_store=Memory(),
            authorization_params={"scope": "openid profile email offline_access"},
            **WEB,
            **options,
        )

    async def sign_in(self, user_id=ANA):
        url = await self.client.start_interactive_login()
        self.tenant.control("next-login", {"user_id": user_id})
        back = self.browser.request("GET", url).location
        return await self.client.complete_interactive_login(back)

    async def connect(self, account, **options):
        options = types.ConnectAccountOptions(
            connection="google-oauth2",
            scopes=["openid", "profile", "email", CALENDAR],
            **options,
        )
        url = await self.client.start_connect_account(options)
        self.tenant.control("next-connect", {"user_id": account})
        back = self.browser.request("GET", url).location
        return await self.client.complete_connect_account(back)


@pytest.mark.parametrize("pushed", [False, True])
def test_somebody_signs_in(tenant, visit, pushed):
    visit = Visit(tenant, pushed_authorization_requests=pushed)

    async def story():
        await visit.sign_in()
        user = await visit.client.get_user()
        assert user["sub"] == ANA and user["email"] == "ana@example.test"
        assert await visit.client.get_access_token()

    run(story)


def test_accounts_are_connected_listed_used_and_deleted(tenant, visit):
    async def story():
        await visit.sign_in()
        offered = await visit.client.list_connected_account_connections()
        assert "google-oauth2" in [c.name for c in offered.connections]
        made = [await visit.connect(account) for account in (CHEN, GOOGLE)]
        assert made[0].connection == "google-oauth2" and CALENDAR in made[0].scopes
        first = await visit.client.list_connected_accounts(take=1)
        rest = await visit.client.list_connected_accounts(take=1, from_param=first.next)
        listed = [account.id for page in (first, rest) for account in page.accounts]
        assert listed == [account.id for account in made]
        for account in (CHEN, GOOGLE):
            hint = account.split("|")[1]
            options = {"connection": "google-oauth2", "login_hint": hint}
            token = await visit.client.get_access_token_for_connection(options)
            assert use(tenant, token, "userinfo").json["sub"] == hint
        await visit.client.delete_connected_account(made[0].id)
        left = await visit.client.list_connected_accounts()
        assert [account.id for account in left.accounts] == [made[1].id]

    run(story)


def test_what_is_refused_arrives_as_what_it_is(tenant, visit):
    async def story():
        await visit.sign_in()
        options = {"connection": "google-oauth2"}
        with pytest.raises(errors.AccessTokenForConnectionError) as lost:
            await visit.client.get_access_token_for_connection(options)
        assert "Federated connection Refresh Token not found" in str(lost.value)
        with pytest.raises(errors.MyAccountApiError) as problem:
            await visit.connect(CHEN, authorization_params={"next_url": "/"})
        assert problem.value.status == 400 and problem.value.validation_errors
        with pytest.raises(errors.MyAccountApiError) as problem:
            await visit.client.delete_connected_account("cac_nothing")
        assert problem.value.status == 404

    run(story)
