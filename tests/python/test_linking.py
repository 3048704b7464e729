"""Account linking by the operations of the client."""

pytest_plugins = ("django_project",)

import pytest  # noqa: E402
from auth0_oauth_client import auth_client, errors  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django_project import ANA  # noqa: E402


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
