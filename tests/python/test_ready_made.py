"""The ready-made parts: addresses, backend, middleware, decorators, admin, the scripted tenant."""

import json
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

pytest_plugins = ("django_project",)

from django_project import settings as project_settings  # noqa: E402  (sets Django up)

from auth0_oauth_client import auth_client, errors, signals  # noqa: E402
from auth0_oauth_client.backends import Auth0Backend, name_of  # noqa: E402
from auth0_oauth_client.client import DjangoAuthClient  # noqa: E402
from auth0_oauth_client.models import ConnectedAccount, LocalIdentity  # noqa: E402
from auth0_oauth_client.scripted_accounts import ConnectedAccounts  # noqa: E402
from auth0_oauth_client.testing import ScriptedTenant  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.template import Context, Template  # noqa: E402
from django.test import Client as AnyClient
from django.test import RequestFactory, override_settings  # noqa: E402

# http is for loopback hosts only, so "testserver" will not do as a redirect_uri.
Client = partial(AnyClient, SERVER_NAME="localhost")

FORM = "application/x-www-form-urlencoded"
ADA = "auth0|ada"
GRACE = "google-oauth2|108"


@pytest.fixture
def tenant(migrated):
    with override_settings(
        ROOT_URLCONF="project.ready_made",
        LOGIN_REDIRECT_URL="/private",
        AUTHENTICATION_BACKENDS=[
            "auth0_oauth_client.backends.Auth0Backend",
            "django.contrib.auth.backends.ModelBackend",
        ],
        MIDDLEWARE=[
            *project_settings.MIDDLEWARE,
            "django.middleware.csrf.CsrfViewMiddleware",
            "auth0_oauth_client.middleware.Auth0Middleware",
        ],
    ), ScriptedTenant() as running:
        yield running


@pytest.fixture
def browser():
    return Client()


def walk(browser, tenant, user_id, path="/auth/login", **claims):
    """A sign-in through the ready-made addresses; the last answer."""
    begun = browser.get(path)
    assert begun.status_code == 302, begun.content
    back = urlsplit(tenant.authorize(begun["Location"], user_id, **claims))
    return browser.get(f"{back.path}?{back.query}")


# ---- signing in ----


def test_a_sign_in_makes_a_local_user_and_goes_on_where_it_was_wanted(browser, tenant):
    wanted = browser.get("/private")
    assert wanted["Location"] == "/auth/login?next=%2Fprivate"
    answer = walk(browser, tenant, ADA, wanted["Location"], email="ada@example.com", email_verified=True)
    assert (answer.status_code, answer["Location"]) == (302, "/private")
    seen = browser.get("/private").json()
    assert seen == {"user": name_of(f"{tenant.domain}/", ADA), "sub": ADA}
    user = get_user_model().objects.get()
    assert user.email == "ada@example.com"
    assert not user.has_usable_password()


def test_an_unverified_address_is_not_the_users(browser, tenant):
    walk(browser, tenant, ADA, email="boss@example.com", email_verified="true")
    assert get_user_model().objects.get().email == ""


def test_the_same_person_is_the_same_user_and_another_is_another(browser, tenant):
    walk(browser, tenant, ADA)
    walk(browser, tenant, ADA)
    assert get_user_model().objects.count() == 1
    walk(Client(), tenant, GRACE)
    assert get_user_model().objects.count() == 2


def test_sess_16_a_user_of_that_address_is_not_taken_over(browser, tenant):
    theirs = get_user_model().objects.create_user("ada@example.com", "ada@example.com", "password")
    walk(browser, tenant, ADA, email="ada@example.com", email_verified=True)
    assert not LocalIdentity.objects.filter(user=theirs).exists()
    assert browser.get("/private").json()["user"] != theirs.get_username()


def test_sess_16_subjects_that_differ_in_one_letter_have_different_names():
    subjects = ("auth0|x", "auth0|X", "auth0-x", "auth0|x ", "auth0|a_b", "auth0|a|b", "a" * 200, "a" * 201)
    assert len({name_of("https://a/", subject) for subject in subjects}) == len(subjects)
    assert name_of("https://a/", "b") != name_of("https://a", "/b")


def test_no_argument_names_the_person(browser, tenant):
    walk(browser, tenant, ADA)
    request = RequestFactory().get("/")
    request.session = Client().session
    backend = Auth0Backend()
    assert backend.authenticate(request, auth0=True) is None
    assert backend.authenticate(request, username=ADA, password="x") is None
    assert backend.authenticate(None, auth0=True) is None


def test_sess_15_a_user_who_is_not_active_is_not_let_in(browser, tenant):
    walk(browser, tenant, ADA)
    get_user_model().objects.update(is_active=False)
    assert browser.get("/private").status_code == 403
    assert browser.get("/private").status_code == 302
    other = Client()
    answer = walk(other, tenant, ADA)
    assert answer.status_code == 403
    assert other.get("/private").status_code == 302


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil"]
)
def test_gw_09_the_return_target_stays_on_this_site(browser, tenant, place):
    answer = walk(browser, tenant, ADA, f"/auth/login?next={place}")
    assert answer["Location"] == "/private"


def asked_for(answer):
    assert answer.status_code == 302, answer.content
    return parse_qs(urlsplit(answer["Location"]).query)


@pytest.mark.parametrize(
    "name",
    ["scope", "audience", "resource", "connection_scope", "redirect_uri", "state", "nonce", "response_type",
     "access_token", "display", "a\n\u202eb"],
)
def test_authz_02_a_link_that_asks_for_more_than_it_may_is_refused(browser, tenant, caplog, name):
    answer = browser.get("/auth/login", {name: "x"})
    assert answer.status_code == 400
    assert "Please begin again." in answer.content.decode()
    assert not browser.cookies
    (line,) = [record.getMessage() for record in caplog.records if record.name == "auth0_oauth_client"]
    assert repr(name) in line and line.isprintable()


def test_authz_02_a_link_carries_hints(browser, tenant):
    hints = {
        "login_hint": "ada@example.com", "screen_hint": "signup", "ui_locales": "de", "prompt": "login",
        "max_age": "60", "acr_values": "a", "organization": "org_1", "invitation": "i",
    }
    asked = asked_for(browser.get("/auth/login", hints | {"organization_name": "acme", "connection": ""}))
    assert {name: [value] for name, value in hints.items()}.items() <= asked.items()
    assert not {"organization_name", "connection"} & asked.keys()
    assert asked["scope"] == ["openid profile email offline_access"]
    for name in hints:
        assert browser.get(f"/auth/login?{name}=a&{name}=a").status_code == 400


def test_authz_02_a_connection_is_one_that_the_project_has_named(browser, tenant):
    assert browser.get("/auth/login?connection=github").status_code == 400
    for more in (
        {"connections_for_account_linking": ["github"]}, {"custom_scopes": {"github": ["repo"]}},
        {"provider_friendly_names": {"github": "GitHub"}}, {"authorization_params": {"connection": "github"}},
    ):
        with ScriptedTenant(**more):
            assert asked_for(browser.get("/auth/login?connection=github"))["connection"] == ["github"]
            assert browser.get("/auth/login?connection=other").status_code == 400


def test_authz_02_a_link_of_the_projects_own_page_names_any_connection(browser, tenant):
    page = Template('{% load auth0 %}{% auth0_login_url connection="github" as url %}{{ url|safe }}')
    link = page.render(Context({"request": RequestFactory().get("/here")}))
    assert asked_for(browser.get(link))["connection"] == ["github"]
    assert browser.get(link.replace("github", "gitlab")).status_code == 400


def test_authz_08_a_sign_in_that_begins_elsewhere_names_our_issuer(browser, tenant):
    answer = walk(browser, tenant, ADA, f"/auth/login?iss={tenant.domain}/&target_link_uri=/page")
    assert answer["Location"] == "/page"
    for iss in ("", tenant.domain, "https://evil.example/", f"{tenant.domain}/&iss={tenant.domain}/"):
        assert browser.get(f"/auth/login?iss={iss}").status_code == 400
    assert walk(browser, tenant, ADA, "/auth/login?target_link_uri=https://evil.example/")["Location"] == "/private"


def test_a_cancelled_sign_in_is_a_page_with_the_next_step(browser, tenant):
    begun = browser.get("/auth/login")
    state = parse_qs(urlsplit(begun["Location"]).query)["state"][0]
    answer = browser.get(f"/auth/callback?error=access_denied&error_description=%3Cb%3E&state={state}")
    assert "cancelled" in answer.content.decode()
    assert "<b>" not in answer.content.decode()
    assert 'href="/auth/login"' in answer.content.decode()


def test_a_callback_of_nobody_is_a_page(browser, tenant):
    for path in ("/auth/callback", "/auth/callback?code=x&state=y", "/auth/callback?code=%00&state="):
        answer = browser.get(path)
        assert 400 <= answer.status_code < 500, path
        assert "Please begin again." in answer.content.decode()


def test_cb_12_no_page_is_framed_or_tells_another_site_its_address(browser, tenant):
    for path in ("/auth/logout", "/auth/callback?code=x&state=y", "/auth/connect?ask=x", "/auth/link", "/auth/login"):
        answer = browser.get(path)
        assert answer["X-Frame-Options"] == "DENY", path
        assert answer["Referrer-Policy"] == "same-origin", path


def test_a_tenant_that_is_down_is_a_page(browser, tenant):
    tenant.answer("POST", "/oauth/token", 503, "<html>no</html>", times=10)
    answer = walk(browser, tenant, ADA)
    assert answer.status_code in (502, 503, 504)
    assert "try again" in answer.content.decode()
    assert browser.get("/private").status_code == 302


def test_signals_tell_of_a_sign_in_and_a_receiver_that_raises_changes_nothing(browser, tenant):
    heard = []

    def hears(sender, user_id, user_info, **rest):
        heard.append((user_id, user_info["sub"]))
        raise ValueError("of the project")

    signals.signed_in.connect(hears)
    try:
        answer = walk(browser, tenant, ADA)
    finally:
        signals.signed_in.disconnect(hears)
    assert answer["Location"] == "/private"
    assert heard == [(ADA, ADA)]


# ---- signing out ----


def test_lout_01_a_get_signs_nobody_out_and_a_post_needs_its_token(tenant):
    browser = Client(enforce_csrf_checks=True)
    tenant.sign_in(browser, ADA)
    assert "Sign out" in browser.get("/auth/logout").content.decode()
    assert browser.post("/auth/logout").status_code == 403
    assert browser.get("/private").status_code == 200


def test_signing_out_ends_both_sessions(browser, tenant):
    tenant.sign_in(browser, ADA)
    answer = browser.post("/auth/logout")
    assert urlsplit(answer["Location"]).path == "/v2/logout"
    assert browser.get("/private").status_code == 302
    assert "_auth_user_id" not in browser.session


def test_sess_09_what_ends_here_ends_djangos_sign_in_too(browser, tenant):
    tenant.sign_in(browser, ADA)
    copied = Client()
    copied.cookies = browser.cookies.copy()
    kept = dict(browser.session.items())
    browser.post("/auth/logout")
    # A copy of the session that survived elsewhere, as one in a signed cookie would.
    session = copied.session
    session.update(kept)
    session.save()
    assert copied.get("/private").status_code == 302
    assert copied.get("/admin/").status_code == 302


def kept_by(answer):
    return {word.strip() for word in answer["Cache-Control"].split(",")}


def test_sess_10_what_was_made_for_somebody_is_kept_nowhere(browser, tenant):
    assert {"public", "max-age=60"} == kept_by(browser.get("/page")) == kept_by(browser.get("/page?whose"))
    tenant.sign_in(browser, ADA)
    assert {"public", "max-age=60"} == kept_by(browser.get("/page"))
    for path in ("/page?whose", "/page-async", "/auth/me"):
        answer = browser.get(path)
        assert {"private", "no-store"} <= kept_by(answer) and "public" not in kept_by(answer)


def test_sess_11_no_answer_that_sets_the_cookie_is_kept_on_the_way(tenant):
    for path in ("/page?remember", "/auth/login"):
        answer = Client().get(path)
        assert answer.cookies
        assert {"private", "no-store"} <= kept_by(answer) and "public" not in kept_by(answer)


# ---- views that need something ----


def test_an_async_view_sees_the_user(browser, tenant):
    tenant.sign_in(browser, ADA)
    assert browser.get("/private-async").json()["user"] == name_of(f"{tenant.domain}/", ADA)


def test_a_form_that_was_sent_is_not_a_place_to_come_back_to(browser, tenant):
    assert browser.post("/private")["Location"] == "/auth/login"


def test_a_view_that_needs_a_connection_leads_to_connect_it(browser, tenant):
    tenant.sign_in(browser, ADA)
    answer = browser.get("/calendar")
    assert answer.status_code == 302
    page = browser.get(answer["Location"]).content.decode()
    assert "Connect Google" in page
    assert "calendar.readonly" in page


def test_a_view_that_needs_a_connection_gets_its_token(browser, tenant):
    tenant.sign_in(browser, ADA)
    tenant.give_vault_token(ADA, "google-oauth2", "secret", "openid calendar.readonly")
    assert browser.get("/calendar").json() == {"scope": "openid calendar.readonly"}


def test_a_token_without_the_scope_leads_to_connect_again(browser, tenant):
    tenant.sign_in(browser, ADA)
    tenant.give_vault_token(ADA, "google-oauth2", "secret", "openid")
    assert browser.get("/calendar")["Location"].startswith("/auth/connect?ask=")


def test_a_vault_that_does_not_answer_signs_nobody_in_again(tenant):
    """That it can not be asked now is no reason to sign in once more, or to connect."""
    settings = {"vault_subject": "access_token", "vault_audience": "https://vault.example/"}
    for more, id in ({}, "vault_unavailable"), (settings, "refresh_unavailable"):
        with ScriptedTenant(**more) as running:
            browser = Client()
            running.sign_in(browser, ADA)
            running.answer("POST", "/oauth/token", 503, {}, times=9)
            with pytest.raises(errors.Auth0OauthClientError) as caught:
                browser.get("/calendar")
            assert (caught.value.id, caught.value.http_status) == (id, 503)


@pytest.mark.parametrize("id", ["session_invalid", "vault_login_required", "refresh_token_missing"])
def test_whoever_has_to_sign_in_again_for_a_token_is_sent_there(browser, tenant, monkeypatch, id):
    def ended(self, *args, **kwargs):
        error = errors.Auth0OauthClientError("it ended meanwhile")
        error.id, error.outcome = id, "A0_LOGIN_REQUIRED"
        raise error

    tenant.sign_in(browser, ADA)
    monkeypatch.setattr(DjangoAuthClient, "get_access_token_for_connection", ended)
    assert browser.get("/calendar")["Location"] == "/auth/login?next=%2Fcalendar"


def test_conn_03_nobody_else_says_what_is_asked_for(browser, tenant):
    tenant.sign_in(browser, ADA)
    address = browser.get("/calendar")["Location"]
    other = Client()
    tenant.sign_in(other, GRACE)
    assert other.get(address).status_code == 400
    assert browser.get(address.replace("ask=", "ask=x")).status_code == 400
    assert browser.get("/auth/connect?connection=google-oauth2&scopes=everything").status_code == 400
    assert browser.get(address).status_code == 200


# ---- connected accounts, by the scripted tenant ----


def connect(browser, tenant, user_id, **claims):
    """Agrees to what the calendar needs; the last answer."""
    asked = browser.get("/calendar")["Location"]
    begun = browser.post("/auth/connect", {"ask": parse_qs(urlsplit(asked).query)["ask"][0]})
    assert begun.status_code == 302, begun.content
    back = urlsplit(tenant.connect(begun["Location"], user_id, **claims))
    return browser.get(f"{back.path}?{back.query}")


def test_the_scripted_tenant_lets_people_connect_and_disconnect(browser, tenant):
    tenant.sign_in(browser, ADA)
    answer = connect(browser, tenant, GRACE, email="ada@gmail.com", email_verified=True)
    assert answer["Location"] == "/calendar"
    assert "calendar.readonly" in browser.get("/calendar").json()["scope"]
    (account,) = browser.get("/auth/connected-accounts").json()["accounts"]
    assert account["connection"] == "google-oauth2"
    kept = ConnectedAccount.objects.get()
    assert (kept.connected_account_id, kept.subject) == (account["id"], "108")
    assert (kept.email, kept.email_verified) == ("ada@gmail.com", True)
    others = browser.get("/auth/connected-accounts/connections").json()["connections"]
    assert {"google-oauth2", "github"} <= {one["name"] for one in others}
    other = Client()
    tenant.sign_in(other, GRACE)
    assert other.get("/auth/connected-accounts").json() == {"accounts": []}
    assert browser.delete(f"/auth/connected-accounts/{account['id']}").status_code == 200
    assert browser.get("/auth/connected-accounts").json() == {"accounts": []}
    assert browser.get("/calendar").status_code == 302


@pytest.mark.parametrize("connection", ["google-oauth2", "github", "facebook", "company"])
def test_the_scripted_tenant_plays_the_providers(browser, migrated, connection):
    own = {"company": {"url": "https://company.example/"}}
    written = project_settings.AUTH0_OAUTH_CLIENT | {"provider_userinfo": own}
    with override_settings(AUTH0_OAUTH_CLIENT=written), ScriptedTenant() as tenant:
        tenant.sign_in(browser, ADA)
        request = RequestFactory().get("/")
        request.session = browser.session
        begun = auth_client.start_connect_account(request, connection, "http://localhost/auth/callback")
        back = tenant.connect(begun, f"{connection}|7", email="ada@example.com", email_verified=True)
        auth_client.complete_connect_account(request, back)
    kept = ConnectedAccount.objects.get()
    assert (kept.connection, kept.subject, kept.email) == (connection, "7", "ada@example.com")


@pytest.mark.parametrize("wrong", ["owner", "auth_session", "connect_code", "code_verifier", None])
def test_a_callback_of_the_scripted_tenant_is_good_once_and_for_one_person(wrong):
    accounts = ConnectedAccounts({})
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    def call(name, owner, body):
        return accounts.my_account("http://here", "POST", f"/me/v1/connected-accounts/{name}", owner, body)

    asked = {"connection": "github", "redirect_uri": "http://x/", "state": "s", "code_challenge": challenge}
    ticket = call("connect", ADA, asked)[1]["auth_session"]
    back = accounts.connect(f"http://here/connect?ticket={ticket}", "github|7", {})
    code = parse_qs(urlsplit(back).query)["connect_code"][0]
    fields = {"owner": ADA, "auth_session": ticket, "connect_code": code, "code_verifier": verifier}
    body = {name: "x" if name == wrong else value for name, value in fields.items()}
    assert call("complete", body.pop("owner"), body)[0] == (400 if wrong else 201)
    assert call("complete", ADA, body)[0] == 400
    assert len(accounts.of(ADA)) == (0 if wrong else 1)


# ---- accounts that belong together, by the scripted tenant ----


ADDRESS = {"email": "ada@example.com", "email_verified": True}


@pytest.fixture
def linking(tenant):
    connections = ["google-oauth2", "Username-Password-Authentication"]
    with ScriptedTenant(connections_for_account_linking=connections) as running:
        yield running


def test_the_scripted_tenant_links_and_parts_accounts(browser, linking):
    for user_id, metadata in ((ADA, {"size": "small"}), (GRACE, {"colour": "green"})):
        linking.sign_in(Client(), user_id, **ADDRESS)
        linking.users[user_id]["user_metadata"] = metadata
    assert walk(browser, linking, GRACE, **ADDRESS)["Location"] == "/private"
    assert browser.get("/private").json()["sub"] == ADA
    assert set(linking.users) == {ADA}
    assert linking.users[ADA]["user_metadata"] == {"size": "small", "colour": "green"}
    walk(browser, linking, GRACE)
    assert browser.get("/private").json()["sub"] == ADA
    assert auth_client.unlink_account(ADA, "google-oauth2", "108")["undone"]
    assert linking.users[ADA]["user_metadata"] == {"size": "small"}
    assert linking.users[GRACE]["user_metadata"] == {"colour": "green"}
    assert browser.get("/private").status_code == 302
    walk(browser, linking, GRACE, **ADDRESS)
    assert browser.get("/private").json()["sub"] == GRACE


def test_the_scripted_tenant_lets_people_confirm(browser, linking):
    linking.sign_in(Client(), GRACE, **ADDRESS)
    asked = walk(browser, linking, ADA, **ADDRESS)["Location"]
    question = browser.get(asked).context["pending"]
    begun = browser.post("/auth/link/confirm", {"id": question["id"]})
    back = urlsplit(linking.authorize(begun["Location"], GRACE, **ADDRESS))
    assert "notice=linked" in browser.get(f"{back.path}?{back.query}")["Location"]
    assert browser.get("/private").json()["sub"] == GRACE


# ---- machines and staff ----


def test_the_health_of_a_tenant_that_answers(browser, tenant):
    from auth0_oauth_client import readiness

    readiness.forget()
    assert browser.get("/auth/health").json() == {"ok": True}
    readiness.forget()
    tenant.answer("POST", "/oauth/token", 401, {"error": "access_denied"})
    answer = browser.get("/auth/health")
    assert (answer.status_code, answer.json()) == (503, {"ok": False, "stage": "m2m_token"})
    asked = len(tenant.requests)
    browser.get("/auth/health")
    assert len(tenant.requests) == asked
    readiness.forget()


def test_a_logout_token_that_is_none_ends_nothing(browser, tenant):
    tenant.sign_in(browser, ADA)
    for body in ("logout_token=", "logout_token=x", "logout_token=x&logout_token=x"):
        answer = browser.post("/auth/backchannel-logout", body, content_type=FORM)
        assert answer.status_code == 400, body
    assert browser.get("/auth/backchannel-logout").status_code == 405
    answer = browser.post("/auth/backchannel-logout", json.dumps({}), content_type="application/json")
    assert answer.status_code == 415
    assert browser.get("/private").status_code == 200


def test_staff_see_no_token(browser, tenant):
    tokens = tenant.sign_in(browser, ADA)
    get_user_model().objects.update(is_staff=True, is_superuser=True)
    for model in ("accounttoken", "accountlinking", "connectedaccount", "localidentity"):
        page = browser.get(f"/admin/auth0_oauth_client/{model}/").content.decode()
        assert 'id="changelist"' in page
        for name in ("access_token", "refresh_token", "id_token"):
            assert tokens[name] not in page
