"""What the operations give, for type checkers. All are plain dicts at run time."""

from typing import Any, TypedDict


class _Optional(TypedDict, total=False):
    access_token: str
    id_token: str
    refresh_token: str
    token_type: str
    scope: str
    expires_in: int
    expires_at: int


class TokenResponse(_Optional):
    """Of ``complete_login``; ``refresh_token`` is absent when it was not granted."""

    userinfo: dict[str, Any]


class _AccountDetails(TypedDict, total=False):
    access_type: str
    scopes: list[str]
    created_at: str
    expires_at: str
    provider: str
    subject: str
    email: str
    email_verified: bool
    is_account_linked: bool


class ConnectedAccountResponse(_AccountDetails):
    """A connected account as Auth0 tells of it; in lists also whose it is at the provider,
    where that is known."""

    id: str
    connection: str


class _ConnectionDetails(TypedDict, total=False):
    strategy: str
    scopes: list[str]


class AvailableConnection(_ConnectionDetails):
    """A connection of which an account can be connected."""

    name: str


class ConnectionToken(TypedDict):
    """A provider's token out of the Token Vault; ``expires_at`` in Unix seconds."""

    access_token: str
    token_type: str | None
    expires_at: int | None
    expires_in: int | None
    scope: str | None


GoogleTokenResult = ConnectionToken


class PingResult(TypedDict):
    """Of ``ping``, when all is well."""

    ok: bool
    expires_in: int
    granted_scopes: list[str]
    latency_ms: int


class _Identity(TypedDict):
    provider: str
    provider_friendly_name: str
    connection_name: str


class AccountLinkingPayload(TypedDict):
    """What waits for a confirmation; addresses are masked, fit for a page."""

    id: str
    primary_user_id: str
    primary_provider: str
    primary_provider_friendly_name: str
    primary_connection_name: str
    primary_email: str
    primary_identities: list[_Identity]
    primary_connected_accounts: int
    secondary_user_id: str
    secondary_provider: str
    secondary_provider_friendly_name: str
    secondary_connection_name: str
    secondary_email: str
    expires_at: int


class VerifyAccountLinkingResult(TypedDict):
    """Of ``verify_account_linking``."""

    is_pending_account_linking: bool
    is_account_linked: bool
    refused: str | None
    rule: int | None
    primary_user_id: str | None
    secondary_user_id: str | None
    reauthentication_required: bool


class _Completed(TypedDict, total=False):
    used_different_account: bool
    is_pending_account_linking: bool
    is_account_linked: bool
    refused: str | None
    rule: int | None
    primary_user_id: str | None
    secondary_user_id: str | None
    reauthentication_required: bool


class CompleteAccountLinkingResult(_Completed):
    """Of ``complete_account_linking``: after a failure whether it was the wrong account, after a
    success what ``verify_account_linking`` gives."""

    success: bool


class AccountLink(TypedDict):
    """A link that stands; ``created_at`` in Unix seconds. ``is_proven`` is False of a row that
    the former package wrote, or somebody edited: it is evidence of nothing and can not be
    undone here, and what it does not say is None."""

    primary_user_id: str
    secondary_provider: str
    secondary_user_id: str
    secondary_connection_name: str | None
    rule: int | None
    by: str | None
    created_at: int
    is_proven: bool


# ---- what Auth0 knows of a person ----


class AddressPayload(TypedDict, total=False):
    """The claim ``address``, as far as Auth0 has it."""

    country: str


class UserinfoPayload(TypedDict, total=False):
    """The usual claims of an ID token: of ``get_user_info``, when the scopes were granted. A
    tenant may add others."""

    iss: str
    sub: str
    aud: str
    exp: int
    iat: int
    sid: str
    name: str
    given_name: str
    middle_name: str
    family_name: str
    nickname: str
    preferred_username: str
    profile: str
    picture: str
    website: str
    email: str
    email_verified: bool
    phone_number: str
    phone_number_verified: bool
    gender: str
    birthdate: str
    zoneinfo: str
    locale: str
    address: AddressPayload
    updated_at: int | str


class IdentityProfileData(TypedDict, total=False):
    """What the provider said of a person, in an identity that was linked."""

    email: str
    email_verified: bool
    phone_number: str
    phone_verified: bool
    username: str
    name: str
    given_name: str
    family_name: str


class IdentityResponseBody(TypedDict, total=False):
    """One of the ``identities`` of a user; a provider's tokens never come with it."""

    connection: str
    provider: str
    user_id: str
    isSocial: bool
    profileData: IdentityProfileData


class UserDetailsPayload(TypedDict, total=False):
    """The profile of a user: of ``get_user_by_id``. Which members there are is the tenant's."""

    user_id: str
    identities: list[IdentityResponseBody]
    email: str
    email_verified: bool
    phone_number: str
    phone_verified: bool
    username: str
    name: str
    given_name: str
    family_name: str
    nickname: str
    picture: str
    user_metadata: dict[str, Any]
    app_metadata: dict[str, Any]
    multifactor: list[str]
    blocked: bool
    logins_count: int
    last_ip: str
    last_login: str
    created_at: str
    updated_at: str
