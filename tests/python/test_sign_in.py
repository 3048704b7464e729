"""Signing in and out, by the views of the README."""

pytest_plugins = ("django_project",)

from django_project import ANA, BEN  # noqa: E402


def test_a_sign_in_gives_tokens_and_claims(visitor):
    tokens = visitor.sign_in()["tokens"]
    assert tokens["userinfo"]["sub"] == ANA
    assert {"access_token", "id_token", "refresh_token", "expires_in", "expires_at", "scope"} <= set(tokens)
    assert tokens["token_type"] == "Bearer"
    assert visitor.sub == ANA


def test_nobody_is_signed_in_before_and_after(visitor):
    assert visitor.sub is None
    visitor.sign_in()
    assert "/v2/logout" in visitor.get("/logout")["Location"]
    assert visitor.sub is None


def test_django_keeps_a_handle_and_no_token(visitor):
    answer = visitor.sign_in()
    kept = str(answer["session"])
    for secret in ("access_token", "id_token", "refresh_token"):
        assert answer["tokens"][secret] not in kept
    assert ANA not in kept


def test_another_person_takes_over_the_browser(visitor):
    visitor.sign_in(ANA)
    visitor.sign_in(BEN)
    assert visitor.sub == BEN
