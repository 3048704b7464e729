"""The types of DjangoAuthClient: python/auth0_oauth_client/client.pyi, made from the table
below, with an async twin for each operation. scripts/check holds it against the class."""

import re

HEAD = '''# Made by scripts/python_stub.py; scripts/check --write renews it.
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest

from .typing import (
    AccountLink,
    AccountLinkingPayload,
    AvailableConnection,
    CompleteAccountLinkingResult,
    ConnectedAccountResponse,
    ConnectionToken,
    PingResult,
    TokenResponse,
    VerifyAccountLinkingResult,
)

class DjangoAuthClient:
    auth0_domain: str
    auth0_management_api_domain: str
    audience: str | None
    authorization_params: dict[str, Any]
    client_id: str
    client_secret: str
    connections_for_account_linking: list[str]
    custom_scopes: dict[str, list[str]]
    pushed_authorization_requests: bool
    my_account_audience: str
    def __getattr__(self, name: str) -> Any: ...
'''

TAIL = "\nauth_client: DjangoAuthClient\n"

OPERATIONS = """
start_login(request: HttpRequest, redirect_uri: str, authorization_params: Mapping[str, str] | None = None) -> str
complete_login(request: HttpRequest, callback_url: str) -> TokenResponse
logout(request: HttpRequest, return_to: str | None = None) -> str
handle_backchannel_logout(logout_token: str) -> int
get_idp_username(request: HttpRequest) -> str | None
get_user_info(request: HttpRequest) -> dict[str, Any] | None
get_refresh_token(request: HttpRequest) -> str | None
get_access_token(request: HttpRequest, audience: str | None = None, scope: str | list[str] | None = None) -> str
start_connect_account(request: HttpRequest, connection: str, redirect_uri: str, scopes: Iterable[str] | None = None, authorization_params: Mapping[str, str] | None = None) -> str
complete_connect_account(request: HttpRequest, callback_url: str) -> ConnectedAccountResponse
list_connected_accounts(request: HttpRequest) -> list[ConnectedAccountResponse]
list_connected_account_connections(request: HttpRequest) -> list[AvailableConnection]
delete_connected_account(request: HttpRequest, connected_account_id: str) -> None
get_access_token_for_connection(request: HttpRequest, connection: str, *, login_hint: str | None = None) -> ConnectionToken
get_access_token_for_connection_using_user_refresh_token(refresh_token: str, connection: str, *, login_hint: str | None = None) -> ConnectionToken
get_user_by_id(user_id: str) -> dict[str, Any]
get_users_by_email(email: str) -> list[dict[str, Any]]
update_user(user_id: str, body: dict[str, Any]) -> dict[str, Any]
verify_account_linking(request: HttpRequest) -> VerifyAccountLinkingResult
complete_account_linking(request: HttpRequest) -> CompleteAccountLinkingResult | None
pending_account_linking(request: HttpRequest) -> AccountLinkingPayload | None
cancel_account_linking(request: HttpRequest) -> None
explain_account_linking(user_id: str) -> dict[str, Any]
audit_account_linking(user_ids: Iterable[str]) -> dict[str, Any]
list_account_linkings(user_id: str | None = None) -> list[AccountLink]
unlink_account(user_id: str, provider: str, identity_user_id: str) -> dict[str, Any]
repair_account_linking() -> dict[str, Any]
export_user(user_id: str) -> dict[str, Any]
erase_user(user_id: str) -> dict[str, Any]
list_federated_connections_tokensets(user_id: str) -> list[dict[str, Any]]
ping(timeout: float = 5.0, required_scopes: Iterable[str] = ()) -> PingResult
""".strip().splitlines()


def stub():
    """The text of the file."""
    lines = [re.match(r"(\w+)\((.*)\) -> (.*)", operation).groups() for operation in OPERATIONS]
    sync = [f"    def {name}(self, {args}) -> {given}: ..." for name, args, given in lines]
    twins = [f"    async def a{name}(self, {args}) -> {given}: ..." for name, args, given in lines]
    return HEAD + "\n".join(sync + twins) + "\n" + TAIL
