"""What every operation may raise.

All are children of :class:`Auth0OauthClientError`. ``id`` names the fault exactly
(docs/errors.md lists them all); ``code`` is what applications switch on, and several
faults may share one. No message and no attribute ever holds a token or a secret.
"""

import json
from functools import wraps
from typing import Any, Literal

PingStage = Literal["m2m_token", "token_claims", "scope_grant"]

FEDERATED_CONNECTION_REFRESH_TOKEN_NOT_FOUND_CODE = "federated_connection_refresh_token_not_found"


class Auth0OauthClientError(Exception):
    """Anything that went wrong.

    Attributes:
        id (str | None): the fault, for example ``"idt_expired"``; None when the exception
            was not made by the core.
        outcome (str | None): what can be done, for example ``"A0_UNAVAILABLE"``.
        http_status (int): with what a view best answers.
        retry_after (int): after how many seconds a retry makes sense; 0: unknown.
    """

    id: str | None = None
    outcome: str | None = None
    http_status: int = 500
    retry_after: int = 0
    code: str | None = None

    def __reduce__(self):
        return _again, (type(self), self.args, self.__dict__)


def _again(cls, args, attributes):
    """An exception out of a pickle: of what it was made from only the text is kept."""
    error = cls.__new__(cls, *args)
    error.__dict__.update(attributes)
    return error


class Auth0OauthClientImproperlyConfigured(Auth0OauthClientError):
    """The settings have faults.

    Attributes:
        faults (tuple[str, ...]): each names a setting and says what to write.
    """

    code = "config_invalid"

    def __init__(self, message=None, faults=()):
        self.faults = tuple(faults)
        super().__init__(message or "AUTH0_OAUTH_CLIENT: " + "; ".join(self.faults))


class MissingTransactionOauthClientError(Auth0OauthClientError):
    """No sign-in (or connecting) is open in this browser, or it took too long."""

    code = "missing_transaction_error"

    def __init__(self, message=None):
        super().__init__(message or "No sign-in is open in this browser.")


class ApiOauthClientError(Auth0OauthClientError):
    """Auth0 or the network refused or failed, or answered what can not be accepted.

    Attributes:
        code (str): Auth0's own code where it sent one in a callback, else a code of ours.
        error, error_description (str | None): what Auth0 said. The description is foreign
            text: never show it unescaped, never decide by it.
        cause: what said so (an :class:`Auth0Answer`), or None.
    """

    def __init__(self, code, message, cause=None):
        super().__init__(message)
        self.code = code
        self.cause = cause
        self.error = getattr(cause, "error", None)
        self.error_description = getattr(cause, "error_description", None)


class AccessTokenErrorCode:
    """Values of :attr:`AccessTokenOauthClientError.code`."""

    MISSING_SESSION = "missing_session"
    MISSING_REFRESH_TOKEN = "missing_refresh_token"
    FAILED_TO_REFRESH_TOKEN = "failed_to_refresh_token"
    FAILED_TO_REQUEST_TOKEN = "failed_to_request_token"
    REFRESH_TOKEN_ERROR = "refresh_token_error"
    AUTH_REQ_ID_ERROR = "auth_req_id_error"
    INCORRECT_AUDIENCE = "incorrect_audience"


class AccessTokenOauthClientError(Auth0OauthClientError):
    """There is no access token to be had for the session; ``cause`` has Auth0's own code."""

    def __init__(self, code, message, cause=None):
        super().__init__(message)
        self.code = code
        self.cause = cause


class AccessTokenForConnectionErrorCode:
    """Values of :attr:`AccessTokenForConnectionOauthClientError.code`."""

    MISSING_REFRESH_TOKEN = "missing_refresh_token"
    FAILED_TO_RETRIEVE = "failed_to_retrieve"
    API_ERROR = "api_error"
    FETCH_ERROR = "retrieval_error"
    RECONNECT = "vault_reconnect"
    SCOPE_MISSING = "vault_scope_missing"
    MFA_REQUIRED = "vault_mfa_required"
    GRANT_DISABLED = "vault_grant_disabled"
    ACCOUNT_AMBIGUOUS = "vault_account_ambiguous"
    CONNECTION_FORBIDDEN = "vault_connection_forbidden"
    LOGIN_REQUIRED = "vault_login_required"
    UNAVAILABLE = "vault_unavailable"
    RESPONSE_INVALID = "vault_response_invalid"


class AccessTokenForConnectionOauthClientError(Auth0OauthClientError):
    """The Token Vault gave no token of the provider.

    Attributes:
        missing_scopes (frozenset[str]): with ``vault_scope_missing``, what to ask for
            when the account is connected again.
    """

    missing_scopes: frozenset = frozenset()

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class FederatedConnectionRefreshTokenNotFound(Auth0OauthClientError):
    """The vault has no token of this connection: let the person connect the account.

    Attributes: ``code`` and ``error`` (Auth0's code), ``error_description``,
    ``status_code`` (of Auth0's answer), ``cause``.
    """

    code = FEDERATED_CONNECTION_REFRESH_TOKEN_NOT_FOUND_CODE

    def __init__(self, message=None, *, error_description=None, status_code=401, cause=None):
        super().__init__(message or "The Token Vault has no token of this connection.")
        self.error = self.code
        self.error_description = error_description
        self.status_code = status_code
        self.cause = cause


class MissingRequiredArgumentOauthClientError(Auth0OauthClientError):
    """An argument is missing; ``argument`` names it, for example ``"code or state"``."""

    code = "missing_required_argument_error"
    http_status = 400

    def __init__(self, argument):
        super().__init__(f"The argument '{argument}' is required.")
        self.argument = argument


class InvalidArgumentOauthClientError(Auth0OauthClientError):
    """An argument has a value that can not be; ``argument`` names it."""

    code = "invalid_argument"
    http_status = 400

    def __init__(self, argument, message):
        super().__init__(f"{argument}: {message}")
        self.argument = argument


class CustomTokenExchangeErrorCode:
    """Kept for projects that import it; nothing here raises them."""

    INVALID_TOKEN_FORMAT = "invalid_token_format"
    MISSING_ACTOR_TOKEN_TYPE = "missing_actor_token_type"
    TOKEN_EXCHANGE_FAILED = "token_exchange_failed"
    INVALID_RESPONSE = "invalid_response"


class CustomTokenExchangeOauthClientError(Auth0OauthClientError):
    """Kept for projects that import it; nothing here raises it."""

    def __init__(self, code, message, cause=None):
        super().__init__(message)
        self.code = code
        self.cause = cause


class MyAccountApiOauthClientError(Auth0OauthClientError):
    """A problem (RFC 9457) of the My Account API, as Auth0 sent it: foreign text."""

    def __init__(self, title=None, type=None, detail=None, status=None, validation_errors=None):
        super().__init__(detail or title or "The My Account API refused or failed.")
        self.title = title
        self.type = type
        self.detail = detail
        self.status = status
        self.validation_errors = validation_errors


class AccountLinkingError(Auth0OauthClientError):
    """Linking could not be done, or not wholly; ``code`` is the id of the fault."""


class Auth0PingError(ApiOauthClientError):
    """The readiness probe failed.

    Attributes:
        stage, code (str): ``"m2m_token"``, ``"token_claims"`` or ``"scope_grant"``.
        status_code (int | None): of Auth0's answer, when there was one.
        missing_scopes (frozenset[str]): with ``scope_grant``.
    """

    def __init__(self, stage: PingStage, message, *, status_code=None, missing_scopes=None):
        super().__init__(stage, message)
        self.stage = stage
        self.status_code = status_code
        self.missing_scopes = missing_scopes or frozenset()


class Auth0Answer(Exception):
    """What Auth0 answered, as ``cause`` of an exception: code, description, status, and
    ``id``, the exact fault."""

    def __init__(self, id, error, error_description, status_code):
        super().__init__(f"{id}: {error} ({status_code or 'no answer'})")
        self.id = id
        self.error = error
        self.error_description = error_description
        self.status_code = status_code

    __reduce__ = Auth0OauthClientError.__reduce__


def untraced(operation):
    """The operation, given a secret: what it raises has no frame that shows it, neither here
    nor in a page of DEBUG, a mail to the admins or another report of errors [SEC-04]."""

    @wraps(operation)
    def called(*args, **kwargs):
        try:
            return operation(*args, **kwargs)
        except Auth0OauthClientError as error:
            del args, kwargs
            raise error.with_traceback(None)

    return called


# ---- what the core raises ----


def _answer(facts):
    return Auth0Answer(
        facts["id"], facts["peer_code"], facts["peer_description"], facts["peer_status"] or None
    )


def _scopes(facts):
    return frozenset((facts["missing_scopes"] or "").split())


def _general(facts):
    failure = Auth0OauthClientError(facts["message"])
    failure.code = facts["code"]
    return failure


def _connection_token(facts):
    failure = AccessTokenForConnectionOauthClientError(facts["code"], facts["message"])
    failure.missing_scopes = _scopes(facts)
    return failure


def _token_not_found(facts):
    return FederatedConnectionRefreshTokenNotFound(
        facts["message"],
        error_description=facts["peer_description"],
        status_code=facts["peer_status"] or 401,
        cause=_answer(facts),
    )


def _my_account(facts):
    """The problem as it came; without one, what is known of the answer."""
    problem: dict[str, Any] = json.loads(facts["problem"] or "{}")
    failure = MyAccountApiOauthClientError(
        title=problem.get("title"),
        type=problem.get("type"),
        detail=problem.get("detail", facts["message"]),
        status=problem.get("status", facts["peer_status"] or None),
        validation_errors=problem.get("validation_errors"),
    )
    failure.code = facts["code"]
    return failure


def _linking(facts):
    failure = AccountLinkingError(facts["message"])
    failure.code = facts["code"]
    return failure


def _ping(facts):
    return Auth0PingError(
        facts["stage"],
        facts["message"],
        status_code=facts["peer_status"] or None,
        missing_scopes=_scopes(facts),
    )


def _invalid_argument(facts):
    return InvalidArgumentOauthClientError(facts["argument"] or "argument", facts["message"])


# In the order of a0_error_kind.
_MAKERS = (
    _general,
    lambda facts: Auth0OauthClientImproperlyConfigured(facts["message"], [facts["message"]]),
    lambda facts: MissingTransactionOauthClientError(facts["message"]),
    lambda facts: MissingRequiredArgumentOauthClientError(facts["argument"] or "code or state"),
    _invalid_argument,
    lambda facts: ApiOauthClientError(facts["code"], facts["message"], _answer(facts)),
    _ping,
    lambda facts: AccessTokenOauthClientError(facts["code"], facts["message"], _answer(facts)),
    _connection_token,
    _token_not_found,
    _my_account,
    _linking,
)


def of_core(facts):
    """The exception of an error of the core.

    Args:
        facts (dict): what the getters of ``a0_error`` say, under their names.
    """
    kind = facts["kind"]
    failure = _MAKERS[kind if kind < len(_MAKERS) else 0](facts)
    failure.id = facts["id"]
    failure.http_status = facts["http_status"]
    failure.retry_after = facts["retry_after"]
    failure.outcome = facts["status"]
    return failure
